"""The command line. The only place where errors become exit codes."""
from __future__ import absolute_import, division, print_function

import os
import sys

from netnsctl.cli import output
from netnsctl.errors import Interrupted, NetnsctlError

# The commands whose plain lines are read without click; each module defines its own as `command`, a Syntax.
PLAIN = ('wire', 'unwire', 'ls', 'up', 'down')


def command_of(name):
    """What the module of a command defines: a Syntax, or click's command."""
    return __import__('netnsctl.cli.' + name, None, None, ['command']).command


def main(argv=None):
    """The program. Ends the process with the exit code of the design; never with a traceback for what a user can do."""
    from netnsctl.execution import signals
    output.open_standard_streams()
    signals.install()
    try:
        status = _call(sys.argv[1:] if argv is None else argv)
    except (NetnsctlError, Interrupted) as error:
        output.report_error(error)
        status = error.exit_code
    except ImportError as error:
        output.warn('netnsctl: %s' % error)
        status = 1
    except EnvironmentError as error:
        # No part of the work declares it (no descriptor is left, say): what was begun is rolled back by now.
        output.warn('netnsctl: %s' % ': '.join(text for text in (error.filename, error.strerror or str(error)) if text))
        status = 1
    except (MemoryError, SystemError):  # the second is what Python 3.11's import says when there is none left
        output.warn('netnsctl: out of memory', escaped=True)
        status = 1
    if argv is not None:
        sys.exit(status)
    # All is written and closed; to free every object one by one would take a sixth of a whole `netnsctl wire`.
    output.flush()
    os._exit(status)


def _call(argv):
    """Runs a command line: its exit code."""
    if argv and argv[0] in PLAIN:
        command = command_of(argv[0])
        given = command.read(argv[1:])
        if given is not None:
            return command.run(**given)
    try:
        from netnsctl.cli import program
    except (EnvironmentError, ImportError) as error:
        raise NetnsctlError('cannot start: %s' % error)
    return program.call(argv)
