"""What the library of Python 2.6 lacks of what tests use."""
from __future__ import absolute_import, division, print_function

import subprocess


def check_output(argv, **options):
    """What a program prints, as bytes. CalledProcessError where it fails."""
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, **options)
    out = process.communicate()[0]
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, argv)
    return out
