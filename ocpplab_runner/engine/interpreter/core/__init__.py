"""What the readers of all blocks stand on."""
