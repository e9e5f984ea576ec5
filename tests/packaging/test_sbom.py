"""The packages' bills of materials: what rpm/sbom makes of the pins, held against CycloneDX's own schema too."""
from __future__ import absolute_import, division, print_function

import glob
import json
import os
import re
import warnings
import zipfile
from contextlib import closing

import pytest

from netnsctl import __version__
from support.built_packages import only
from support.lacking import lacking
from support.process import must, run
from support.program import TOP

SBOM = os.path.join(TOP, 'rpm', 'sbom')
WHEN = '1580608922'
PLACE = 'usr/share/netnsctl/netnsctl.cdx.json'
SOURCES = ['rpm/bundled/py2.txt', 'rpm/bundled/py36.txt', 'rpm/bundled/py3.txt', 'debian/control']
# SPDX's names in the packages' own licence tags, and Fedora's of before.
OLD_NAMES = {'Python': 'PSF-2.0', 'BSD': 'BSD-3-Clause', 'ASL 2.0': 'Apache-2.0'}


PACKAGES = {'rpm': ('pkg:rpm/netnsctl@%s', '-1.el6', 'noarch'), 'deb': ('pkg:deb/debian/netnsctl@%s', '-1', 'all')}


def made(path):
    """rpm/sbom of a file: the text."""
    return must(['python3', SBOM, __version__, WHEN, os.path.join(TOP, path)])


def made_of(tmpdir, path, kind, release, arch):
    """rpm/sbom of a file, as that of one package: the text."""
    tmpdir.join('netnsctl.cdx.json').write(made(path))
    return must(['python3', SBOM, '--of', kind, __version__ + release, arch, str(tmpdir.join('netnsctl.cdx.json'))])


def pins(path):
    with open(os.path.join(TOP, path)) as source:
        return re.findall(r'([a-z0-9-]+)==(\S+) \\\n +--hash=sha256:([0-9a-f]{64})\n', source.read())


def schemas():
    """{URL: schema} of CycloneDX 1.5 and of what it refers to, from the library that has them."""
    found = glob.glob(os.path.join(must([os.path.join(TOP, 'rpm', 'fetch'), '--where']).strip(),
                                   'cyclonedx_python_lib-*.whl'))
    if not found:
        lacking('cyclonedx-python-lib', 'make setup fetches it')
    with closing(zipfile.ZipFile(found[0])) as archive:
        names = [name for name in archive.namelist()
                 if re.search(r'(bom-1\.5|spdx|jsf-0\.82)\.SNAPSHOT\.schema\.json$', name)]
        return dict(('http://cyclonedx.org/schema/' + os.path.basename(name), json.loads(archive.read(name).decode()))
                    for name in names)


def kind_of(path):
    return 'deb' if path.startswith('debian') else 'rpm'


@pytest.mark.parametrize('path', SOURCES)
def test_it_is_what_the_schema_of_cyclonedx_asks_for(path, tmpdir):
    jsonschema = pytest.importorskip('jsonschema')
    store = schemas()
    schema = store['http://cyclonedx.org/schema/bom-1.5.SNAPSHOT.schema.json']
    with warnings.catch_warnings():
        # What came after it is not in the jsonschema of older Pythons.
        warnings.simplefilter('ignore', DeprecationWarning)
        resolver = jsonschema.RefResolver(schema['$id'], schema, store=store)
        check = jsonschema.Draft7Validator(schema, resolver=resolver)
        of_package = made_of(tmpdir, path, kind_of(path), '-1', 'all')
        for text in (made(path), of_package):
            assert [error.message for error in check.iter_errors(json.loads(text))] == []
        wrong = json.loads(made(path))
        wrong['components'][0]['licenses'] = [{'license': {'id': 'no licence'}}]
        assert list(check.iter_errors(wrong)) != []


@pytest.mark.parametrize('path', SOURCES)
def test_the_same_words_give_the_same_bytes(path):
    assert made(path) == made(path)
    document = json.loads(made(path))
    assert document['metadata']['timestamp'] == '2020-02-02T02:02:02Z'
    other = json.loads(must(['python3', SBOM, '9.9', WHEN, os.path.join(TOP, path)]))
    assert re.match(r'urn:uuid:[0-9a-f-]{36}\Z', document['serialNumber'])
    assert other['serialNumber'] != document['serialNumber']


@pytest.mark.parametrize('path', SOURCES)
def test_that_of_a_package_says_which_it_is_and_has_a_number_of_its_own(path, tmpdir):
    purl, release, arch = PACKAGES[kind_of(path)]
    text = made_of(tmpdir, path, kind_of(path), release, arch)
    assert made_of(tmpdir, path, kind_of(path), release, arch) == text
    document, program = json.loads(text), json.loads(made(path))
    component = document['metadata']['component']
    assert component['purl'] == component['bom-ref'] == purl % (__version__ + release) + '?arch=' + arch
    assert component['version'] == __version__ + release
    assert [item['ref'] for item in document['dependencies'] if item['ref'].split('@')[0] == purl.split('@')[0]] == [
        component['purl']]
    assert document['components'] == program['components']
    other = json.loads(made_of(tmpdir, path, kind_of(path), release.replace('6', '7') + '+2', arch))
    assert len(set(one['serialNumber'] for one in (document, program, other))) == 3
    assert '%2B2?arch=' in other['metadata']['component']['purl']


@pytest.mark.parametrize('path', SOURCES[:3])
def test_it_has_each_library_as_it_is_pinned_with_its_licence(path):
    document = json.loads(made(path))
    assert (document['bomFormat'], document['specVersion']) == ('CycloneDX', '1.5')
    assert document['metadata']['component']['purl'] == 'pkg:generic/netnsctl@' + __version__
    found = [(item['name'], item['version'], item['hashes'][0]['content']) for item in document['components']]
    assert found == sorted(pins(path)) and found
    for item in document['components']:
        assert item['purl'] == item['bom-ref'] == 'pkg:pypi/%(name)s@%(version)s' % item
        assert item['hashes'][0]['alg'] == 'SHA-256' and item['licenses']


@pytest.mark.parametrize('path', SOURCES)
def test_every_library_is_there_for_netnsctl_or_for_another(path):
    document = json.loads(made(path))
    edges = dict((item['ref'], item['dependsOn']) for item in document['dependencies'])
    reached, left = set(), [document['metadata']['component']['bom-ref']]
    while left:
        reached.add(left[-1])
        left.extend(ref for ref in edges[left.pop()] if ref not in reached)
    assert reached == set(edges) and len(edges) == len(document['components']) + 1


def test_the_licences_are_those_that_the_package_is_said_to_have():
    with open(os.path.join(TOP, 'netnsctl.spec')) as source:
        tags = re.findall(r'%global licences (.*BSD.*)', source.read())
    assert len(tags) == 3
    for path, tag in zip(('rpm/bundled/py3.txt', 'rpm/bundled/py36.txt', 'rpm/bundled/py2.txt'), tags):
        said = set(OLD_NAMES.get(word, word).replace('GPLv2+', 'GPL-2.0-or-later')
                   for word in re.split(r' (?:and|AND|or|OR) ', tag.replace('(', '').replace(')', '')))
        names = set(['MIT'])
        for item in json.loads(made(path))['components']:
            licence = item['licenses'][0]
            names |= set((licence.get('expression') or licence['license']['id']).split(' OR '))
        assert names == said, path


def test_a_library_without_a_licence_stops_the_build(tmpdir):
    tmpdir.join('pins.txt').write('nolib==1.0 \\\n    --hash=sha256:%s\n' % (64 * '0'))
    result = run(['python3', SBOM, '1', '0', str(tmpdir.join('pins.txt'))])
    assert (result.status, result.out) == (1, '') and result.err == 'rpm/sbom: LICENCES has no licence of nolib\n'
    tmpdir.join('pins.txt').write('')
    result = run(['python3', SBOM, '1', '0', str(tmpdir.join('pins.txt'))])
    assert result.status == 1 and 'it names no library' in result.err


@only('el6', 'el9')
def test_it_is_in_the_rpm_and_beside_it(built, dist, tmpdir):
    package = built(dist)
    package.unpack(str(tmpdir))
    inside = tmpdir.join(PLACE).read()
    libraries = {'el6': 'py2', 'el7': 'py2', 'el8': 'py36'}.get(dist, 'py3')
    release = package.query('-%{RELEASE}')
    assert inside == made_of(tmpdir, 'rpm/bundled/%s.txt' % libraries, 'rpm', release, 'noarch')
    assert json.loads(inside)['metadata']['component']['purl'] == package.query(
        'pkg:rpm/%{NAME}@%{VERSION}-%{RELEASE}?arch=%{ARCH}')
    with open(package.path[:-len('.rpm')] + '.cdx.json') as source:
        assert source.read() == inside
