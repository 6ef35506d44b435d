"""X.509 certificates as OCPP has them: made, read, and judged. Pure; imported only where one is needed."""
