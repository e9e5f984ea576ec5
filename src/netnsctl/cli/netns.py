"""netnsctl netns, where it does not stand first on the command line (netnsctl.start hands it over before click)."""
from __future__ import absolute_import, division, print_function

import click

from netnsctl import ipnetns
from netnsctl.compat import native


@click.command('netns', short_help='`ip netns`, word for word, without iproute.', add_help_option=False,
               context_settings={'ignore_unknown_options': True, 'allow_interspersed_args': False})
@click.argument('words', nargs=-1, type=click.UNPROCESSED)
def command(words):
    """`ip netns`, word for word, without iproute; its global options come right after `netns`."""
    ipnetns.main([native(word) for word in words])
