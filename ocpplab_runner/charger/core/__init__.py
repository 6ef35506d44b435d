"""What every functional block stands on: the station's equipment, connection, queue, settings, events and dispatch."""
