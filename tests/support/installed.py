"""netnsctl installed in a folder of its own, for the Python that runs the tests, as pip would do it."""

from __future__ import absolute_import, division, print_function

import os
import shutil
import sys

from support.program import SOURCE, Program


class Installed(object):
    """prefix: bin/pythonX.Y and lib/pythonX.Y/site-packages/netnsctl. program: it, as support.program.Program. shim:
    the path of its shim, shim_folder a folder that has it as `ip`."""

    def __init__(self, prefix):
        self.version = 'python%d.%d' % sys.version_info[:2]
        self.prefix = prefix
        self.python = os.path.join(prefix, 'bin', self.version)
        self.library = os.path.join(prefix, 'lib', self.version, 'site-packages')
        self.package = os.path.join(self.library, 'netnsctl')
        self.shim = os.path.join(self.package, 'libexec', 'ip')
        self.shim_folder = os.path.dirname(self.shim)
        os.makedirs(os.path.dirname(self.python))
        os.symlink(sys.executable, self.python)
        shutil.copytree(os.path.join(SOURCE, 'netnsctl'), self.package,
                        ignore=shutil.ignore_patterns('__pycache__', '*.pyc'))
        self.program = Program(self.library)
