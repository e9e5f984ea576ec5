"""What setup.py installs has the shim, that can be run, and the templates."""
from __future__ import absolute_import, division, print_function

import os
import shutil
import sys

import pytest

from support import process
from support.program import TOP

WITHOUT_SETUPTOOLS = {'setuptools.py': 'raise ImportError("none")'}


@pytest.mark.parametrize('hidden', [{}, WITHOUT_SETUPTOOLS], ids=['setuptools', 'distutils'])
def test_a_build_has_the_shim_and_the_templates(tmpdir, hidden):
    source = tmpdir.join('source')
    for name in ('setup.py', 'README.md', 'requirements'):
        path = os.path.join(TOP, name)
        (shutil.copytree if os.path.isdir(path) else shutil.copy)(path, str(source.ensure(dir=True).join(name)))
    shutil.copytree(os.path.join(TOP, 'src'), str(source.join('src')),
                    ignore=shutil.ignore_patterns('*.egg-info', '__pycache__', '*.pyc'))
    for name, text in hidden.items():
        source.join(name).write(text)
    module = 'distutils.core' if hidden else 'setuptools'
    if process.run([sys.executable, '-W', 'ignore', '-c', 'import ' + module]).status:
        pytest.skip('this Python has no %s' % module)
    words = [sys.executable, '-W', 'ignore', str(source.join('setup.py')), '-q', 'build', '--build-base',
             str(tmpdir.join('build'))]
    environ = dict(os.environ)
    if hidden:
        environ['PYTHONPATH'] = str(source)
    process.must(words, environ=environ)
    package = tmpdir.join('build', 'lib', 'netnsctl')
    shim = package.join('libexec', 'ip')
    assert shim.stat().mode & 0o777 == package.join('libexec', 'cni').stat().mode & 0o777 == 0o755
    made = [os.path.basename(str(path)) for path in package.join('templates').listdir()]
    assert sorted(made) == sorted(os.listdir(os.path.join(TOP, 'src', 'netnsctl', 'templates')))
    assert [path for path in tmpdir.join('build').listdir() if path.basename.startswith('scripts')]
