"""`netnsctl map`: the whole host as one document of plain data, which every drawing is made from."""
from __future__ import absolute_import, division, print_function
