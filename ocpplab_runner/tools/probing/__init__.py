"""``probe``: what is there, one look at each layer: a CSMS as a charger would see it, EVerest on its broker."""
