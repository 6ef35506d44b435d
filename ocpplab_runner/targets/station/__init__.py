"""The target ``station``: real chargers that dial our CSMS."""
