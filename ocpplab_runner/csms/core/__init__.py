"""What the functional blocks of the CSMS stand on."""
