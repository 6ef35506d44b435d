"""What ``check`` knows beyond the schema. Every check takes data of any shape and gives only diagnostics."""
