"""Attacks on the runner, kept as data: files, CSMSs and Gateways that want it to hang, swell, break or lie."""
