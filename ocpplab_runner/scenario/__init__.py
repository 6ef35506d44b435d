"""The scenario language: text to spans to model, the schema, diagnostics, expressions."""
