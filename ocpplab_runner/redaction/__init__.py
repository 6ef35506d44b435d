"""Secrets stay out of everything that people or files get to see.

- :mod:`names`: what a key is called that holds a secret;
- :mod:`shapes`: in which forms a known value may stand in a text;
- :mod:`values`: finds known values in texts, whole or cut;
- :mod:`telltale`: what a text itself says to be secret;
- :mod:`redactor`: the walk over plain data.
"""
