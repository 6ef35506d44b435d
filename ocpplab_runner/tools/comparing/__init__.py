"""Two recordings held against each other: firmware A and firmware B, yesterday and today."""
