"""rpm/bundle: libraries by hash alone, and none of their code is run. Here they are made up, and no network is used."""
from __future__ import absolute_import, division, print_function

import hashlib
import io
import os
import tarfile
import zipfile
from contextlib import closing

import pytest

from support.process import run
from support.program import TOP

SDIST = {
    'setup.py': "open('%s', 'w')\nfrom setuptools import setup\nsetup(name='lib-one', version='1.0')\n",
    'PKG-INFO': 'Metadata-Version: 1.1\nName: Lib_One\nVersion: 1.0\n',
    'LICENSE': 'do as you like\n',
    'docs/LICENSE': 'of the theme\n',
    'src/lib_one/__init__.py': 'ONE = 1\n',
    'src/lib_one/_speedups.c': 'int main;\n',
    'src/lib_one/tests/test_one.py': 'x\n',
}
WHEEL = {
    'two/__init__.py': 'TWO = 2\n',
    'two/_fast.so': '\x7fELF',
    'two-2.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: two\nVersion: 2.0\n',
    'two-2.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    'two-2.0.dist-info/RECORD': '',
    'two-2.0.dist-info/licenses/LICENSE.txt': 'as you like\n',
}


class Bundle(object):
    """The shelf that pip finds libraries on, the pins, the cache; call it to run rpm/bundle."""

    def __init__(self, tmpdir):
        self.tmpdir = tmpdir
        self.shelf, self.cache = tmpdir.mkdir('shelf'), tmpdir.join('cache')
        self.marker, self.pins = tmpdir.join('was-run'), tmpdir.join('pins.txt')
        self.archive = tmpdir.join('out.tar.gz')
        self.put_sdist(SDIST)
        self.put_wheel(WHEEL)
        self.pin()

    def put_sdist(self, files):
        with closing(tarfile.open(str(self.shelf.join('lib_one-1.0.tar.gz')), 'w:gz')) as archive:
            for name in sorted(files):
                data = files[name].replace('%s', str(self.marker)).encode('utf-8')
                member = tarfile.TarInfo('lib_one-1.0/' + name)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))

    def put_wheel(self, files):
        with closing(zipfile.ZipFile(str(self.shelf.join('two-2.0-py3-none-any.whl')), 'w')) as archive:
            for name in sorted(files):
                archive.writestr(name, files[name])

    def pin(self, more=''):
        lines = ['# python-version: 3.9', '--only-binary :all:', '--no-binary lib-one']
        for pinned, name in (('lib-one==1.0', 'lib_one-1.0.tar.gz'), ('two==2.0', 'two-2.0-py3-none-any.whl')):
            digest = hashlib.sha256(self.shelf.join(name).read_binary()).hexdigest()
            lines += [pinned + ' \\', '    --hash=sha256:' + digest]
        self.pins.write('\n'.join(lines) + '\n' + more)

    def __call__(self):
        environ = dict((name, value) for name, value in os.environ.items()
                       if not name.startswith(('PIP_', 'PYTHON')))
        environ.update(PIP_CONFIG_FILE='/dev/null', PIP_NO_INDEX='1', PIP_FIND_LINKS=str(self.shelf))
        return run(['python3', os.path.join(TOP, 'rpm', 'bundle'), str(self.pins), str(self.cache), str(self.archive),
                    '1000000000'], timeout=120, environ=environ)

    def names(self):
        with closing(tarfile.open(str(self.archive))) as archive:
            return archive.getnames()


@pytest.fixture
def bundle(tmpdir):
    return Bundle(tmpdir)


def test_modules_metadata_and_licences_are_taken_and_no_code_is_run(bundle):
    result = bundle()
    assert result.status == 0, result
    assert bundle.names() == [
        'bundled/lib_one-1.0.dist-info/METADATA', 'bundled/lib_one/__init__.py', 'bundled/two-2.0.dist-info/METADATA',
        'bundled/two/__init__.py', 'licenses/lib-one.LICENSE', 'licenses/two.LICENSE.txt']
    assert not bundle.marker.check()


def test_what_is_in_the_cache_is_not_fetched_again(bundle):
    assert bundle().status == 0
    first = bundle.archive.read_binary()
    for path in bundle.shelf.listdir():
        path.remove()
    result = bundle()
    assert result.status == 0, result
    assert bundle.archive.read_binary() == first


def test_an_altered_file_in_the_cache_is_not_taken(bundle):
    assert bundle().status == 0
    first = bundle.archive.read_binary()
    path = bundle.cache.join('two-2.0-py3-none-any.whl')
    path.write_binary(path.read_binary().replace(b'TWO = 2', b'TWO = 3'))
    assert bundle().status == 0
    assert bundle.archive.read_binary() == first
    path.write_binary(b'again')
    bundle.shelf.join('two-2.0-py3-none-any.whl').remove()
    result = bundle()
    assert result.status == 1 and 'two 2.0' in result.err and 'lib-one' not in result.err.split('\n')[-2]


def test_another_file_of_that_version_is_refused(bundle):
    bundle.put_wheel(dict(WHEEL, **{'two/__init__.py': 'TWO = 3\n'}))
    result = bundle()
    assert result.status == 1 and 'two 2.0' in result.err and 'Traceback' not in result.err
    assert not bundle.archive.check() and not bundle.cache.check()


def test_a_library_without_a_licence_is_refused(bundle):
    bundle.put_sdist(dict((name, text) for name, text in SDIST.items() if name != 'LICENSE'))
    bundle.pin()
    result = bundle()
    assert result.status == 1 and result.err == 'rpm/bundle: lib_one-1.0.tar.gz: no licence in it\n'


@pytest.mark.parametrize('line', ['three==3.0', 'three>=3 --hash=sha256:' + 64 * '0', 'three==3.0 --hash=md5:0'])
def test_a_pin_without_version_and_hash_is_refused(bundle, line):
    bundle.pin(line + '\n')
    result = bundle()
    assert result.status == 1 and line in result.err and not bundle.archive.check()
