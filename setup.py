"""Installs netnsctl: by pip on Python 3.6+, by `python setup.py install` on 2.6 and 2.7 too.

Without setuptools, distutils installs the package and the program, and the
libraries of requirements/py2.txt must be there already.
"""
from __future__ import absolute_import, division, print_function

import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON2 = 'python_version < "3"'
PYTHON27 = 'python_version == "2.7"'
PYTHON3 = 'python_version >= "3"'
PYTHONS = ('2', '2.6', '2.7', '3', '3.6', '3.7', '3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14')


def read(name):
    """The text of a file beside this one; '' where a source archive came without it."""
    path = os.path.join(HERE, name)
    if not os.path.exists(path):
        return ''
    with open(path, 'rb') as source:
        text = source.read().decode('utf-8')
    # Python 2's distutils writes metadata with str() and takes no unicode.
    return text if isinstance(text, str) else text.encode('utf-8')


def version():
    """__version__ of the package, read without importing it (that needs its libraries)."""
    found = re.search(r"^__version__ = '([^']+)'", read('src/netnsctl/__init__.py'), re.MULTILINE)
    if not found:
        raise SystemExit('setup.py: no __version__ in src/netnsctl/__init__.py')
    return found.group(1)


def requirements(name, marker):
    """The lines of a requirements file, each held to the Pythons that the marker names."""
    lines = [line.strip() for line in read(os.path.join('requirements', name)).splitlines()]
    wanted = []
    for line in lines:
        if line and not line.startswith('#'):
            requirement, _, condition = [part.strip() for part in line.partition(';')]
            wanted.append('%s; %s' % (requirement, ' and '.join([marker] + [condition] * bool(condition))))
    return wanted


def packages():
    """Every package under src."""
    top = os.path.join(HERE, 'src')
    found = [os.path.relpath(folder, top).replace(os.sep, '.')
             for folder, _, files in os.walk(top) if '__init__.py' in files]
    return sorted(found)


def completions():
    """Where each shell looks for its completion, below the prefix, and the file, called as the shell wants it."""
    places = (('share/bash-completion/completions', 'netnsctl'), ('share/zsh/site-functions', '_netnsctl'),
              ('share/fish/vendor_completions.d', 'netnsctl.fish'))
    found = [(place, os.path.join('rpm', 'completions', name)) for place, name in places]
    return [(place, [path]) for place, path in found if os.path.exists(path)]


def knows_markers():
    """Environment markers within a requirement came with setuptools 20.5; older ones refuse the line."""
    import setuptools
    return [int(part) for part in re.findall(r'\d+', setuptools.__version__)[:2]] >= [20, 5]


def requirement_options():
    """What only setuptools knows: the program, the libraries, the extras."""
    if not knows_markers():
        # Such a setuptools is found on Python 2 only, for which the pins are plain.
        plain = [line.partition(';')[0] for line in requirements('py2.txt', PYTHON2)]
        return {'install_requires': plain}
    return {
        'install_requires': requirements('py2.txt', PYTHON2) + requirements('py3.txt', PYTHON3),
        'python_requires': '>=2.6,!=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*,!=3.4.*,!=3.5.*',
        'extras_require': {
            'test': requirements('test-py2.txt', PYTHON27) + requirements('test-py3.txt', PYTHON3),
            # For compose files where docker's compose plugin is not there to read them.
            'compose': ['pyyaml'],
            # rpm's binding: the host's own, reached from a virtual environment, or one that is built, which needs a
            # compiler and a pip before 23.1, as all are on Python 3.6. rpm/binding does without that pip.
            'rpm': ['rpm-py-installer==1.2.0; python_version < "3.7"', 'rpm>=0.5; python_version >= "3.7"'],
        },
    }


def addresses():
    """url and download_url, where whoever publishes netnsctl says by HOMEPAGE where that is, as for the packages."""
    homepage = os.environ.get('HOMEPAGE', '')
    if not homepage:
        return {}
    if not re.match(r'https?://[A-Za-z0-9._~:/?#@+=,-]+\Z', homepage):
        raise SystemExit('setup.py: HOMEPAGE=%s: use an http or https URL' % homepage)
    return {'url': homepage, 'download_url': homepage.rstrip('/') + '/releases/'}


def keep_executable(build_py):
    """A build_py that keeps the execute bit of the programs in libexec, which distutils drops."""
    class BuildPy(build_py):
        def run(self):
            build_py.run(self)
            folder = os.path.join(self.build_lib, 'netnsctl', 'libexec')
            # An editable installation builds nothing.
            for name in os.listdir(folder) if os.path.isdir(folder) else ():
                path = os.path.join(folder, name)
                os.chmod(path, 0o755)  # nosec B103 # everybody's to run
    return BuildPy


def main():
    options = {}
    try:
        from setuptools import setup
        from setuptools.command.build_py import build_py
    except ImportError:
        from distutils.command.build_py import build_py
        from distutils.core import setup
    else:
        options.update(requirement_options())
        # The shim and the templates are files.
        options['zip_safe'] = False
        options['long_description_content_type'] = 'text/markdown'
        options['license_files'] = ['LICENSE']
    options.update(addresses())
    setup(
        name='netnsctl',
        version=version(),
        description='Wires containers, processes and network namespaces by hand, from CentOS 6.5 to today',
        long_description=read('README.md'),
        license='MIT',
        author='netnsctl contributors',
        platforms=['Linux'],
        package_dir={'': 'src'},
        packages=packages(),
        package_data={'netnsctl': ['*.j2', '*.json', '*/*.j2', '*/*.json', '*/*/*.j2', '*/*/*.json', 'libexec/*',
                                   '*.pyi', 'py.typed']},
        data_files=completions(),
        # No entry point: what setuptools and pip make of one imports re and more, and the program is to start as fast
        # as Python does.
        scripts=['src/bin/netnsctl'],
        cmdclass={'build_py': keep_executable(build_py)},
        # None of the licence: newer setuptools warns of it.
        classifiers=[
            'Development Status :: 5 - Production/Stable',
            'Environment :: Console',
            'Intended Audience :: System Administrators',
            'Natural Language :: English',
            'Operating System :: POSIX :: Linux',
        ] + ['Programming Language :: Python :: ' + name for name in PYTHONS] + [
            'Programming Language :: Python :: Implementation :: CPython',
            'Topic :: System :: Networking',
            'Topic :: System :: Systems Administration',
        ],
        keywords='network namespaces containers veth bridge docker podman lxc netlink',
        **options)


if __name__ == '__main__':
    # pip may run this from elsewhere, and package_dir is relative.
    os.chdir(HERE)
    main()
