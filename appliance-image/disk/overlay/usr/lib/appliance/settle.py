#!/usr/bin/python3
"""Puts the settings into force, takes back what nobody confirmed, and ends when nothing is left to do. Begun by a path unit."""

import time

import changes

# The answer to whoever made the change goes out first, over the network as it was.
time.sleep(0.5)
changes.Changes().settle()
