"""What our numbers are compared with, as somebody would write it without this project."""
