"""The target ``everest``: a running EVerest that dials our CSMS, and that is driven and looked into over MQTT."""
