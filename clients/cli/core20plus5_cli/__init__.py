"""The command `core20plus5`: try, check, count and flag from a terminal. See clients/README.md."""
