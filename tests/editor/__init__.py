"""What an editor does with the schema, asked of the language server that editors use."""
