"""Files that a charger fetches and sends: the client of every charger, and servers that offer files and take them."""
