"""What is in netnsctl's packages, read off them by rpm."""
from __future__ import absolute_import, division, print_function

import os
import re
import stat

import pytest

from netnsctl import __version__
from netnsctl.edge.files import settings
from support.built_packages import CONFIG, NOREPLACE
from support.lacking import lacking
from support.oci_hook import assert_installed
from support.process import run
from support.program import TOP

# What rpm 4.8.0 of EL6 knows (rpmlib(...)); a package with any other it refuses.
RPM48 = set(('VersionedDependencies', 'CompressedFileNames', 'PayloadIsBzip2', 'PayloadIsXz', 'PayloadIsLzma',
             'PayloadFilesHavePrefix', 'ExplicitPackageProvide', 'HeaderLoadSortsTags', 'ScriptletInterpreterArgs',
             'PartialHardlinkSets', 'ConcurrentAccess', 'BuiltinLuaScripts', 'FileDigests', 'FileCaps'))
INTERPRETERS = {'el6': '/usr/bin/python', 'el7': '/usr/bin/python', 'el8': '/usr/libexec/platform-python'}
LIBRARIES = {'el6': 'py2', 'el7': 'py2', 'el8': 'py36'}
PYTHONS = {'el6': 'python >= 2.6', 'el7': 'python >= 2.7', 'el8': 'platform-python >= 3.6'}
LIBRARY = '/usr/share/netnsctl'


def interpreter(dist):
    return INTERPRETERS.get(dist, '/usr/bin/python3')


def pins(name):
    """{library: version} of rpm/bundled/NAME.txt."""
    with open(os.path.join(TOP, 'rpm', 'bundled', name + '.txt')) as source:
        return dict(re.findall(r'(?m)^([a-z0-9-]+)==(\S+)', source.read()))


def requirements(name):
    with open(os.path.join(TOP, 'requirements', name + '.txt')) as source:
        return [line.strip() for line in source if line.strip() and not line.startswith('#')]


@pytest.fixture
def unpacked(built, dist, tmpdir):
    built(dist).unpack(str(tmpdir))
    return tmpdir


# what rpm 4.8 can take

def test_rpm_of_el6_knows_every_feature_that_is_asked_for(built, dist):
    features = set(re.match(r'rpmlib\((\w+)\)', word).group(1) for word in built(dist).requires()
                   if word.startswith('rpmlib'))
    assert features and features <= RPM48


def test_payload_and_digests_are_those_of_el6(built, dist):
    said = built(dist).query('%{PAYLOADFORMAT} %{PAYLOADCOMPRESSOR} %{FILEDIGESTALGO} %{ARCH} %{OS}')
    assert said == 'cpio gzip 8 noarch linux'


def test_no_dependency_is_weak_or_rich(built, dist):
    for tag in ('RECOMMENDNAME', 'SUGGESTNAME', 'SUPPLEMENTNAME', 'ENHANCENAME', 'FILETRIGGERNAME',
                'TRANSFILETRIGGERNAME'):
        assert built(dist).query('[%%{%s}]' % tag) == ''
    assert not [word for word in built(dist).requires() if word.startswith('(')]


# what it asks for

def test_it_asks_for_its_python_and_what_its_scripts_run(built, dist):
    wanted = set(('/bin/sh', interpreter(dist), 'findutils', PYTHONS.get(dist, 'python3 >= 3.9')))
    if dist == 'el6':
        wanted |= set(('chkconfig', 'initscripts'))
    found = set(word for word in built(dist).requires() if not word.startswith(('rpmlib(', 'config(')))
    assert found == wanted


def test_no_python_of_the_build_hosts_is_asked_for(built, dist):
    assert not [word for word in built(dist).requires() if 'abi' in word or 'dist(' in word]
    assert not [name for name in built(dist).files if re.search(r'/lib(64)?/python', name)]


# the libraries in it

def test_it_provides_what_it_bundles_as_it_is_pinned(built, dist):
    wanted = set('bundled(python-%s) = %s' % item for item in pins(LIBRARIES.get(dist, 'py3')).items())
    assert set(word for word in built(dist).provides() if 'bundled' in word) == wanted


def test_each_bundled_library_is_there_in_that_version_with_its_licence(unpacked, dist):
    documents = os.listdir(str(unpacked.join('usr/share/doc/netnsctl-%s' % __version__ if dist == 'el6' else
                                             'usr/share/licenses/netnsctl')))
    bundled = unpacked.join(LIBRARY, 'bundled')
    for name, version in pins(LIBRARIES.get(dist, 'py3')).items():
        module = name.replace('-', '_')
        metadata = bundled.join('%s-%s.dist-info' % (module, version), 'METADATA').read_binary()
        assert ('\nVersion: %s\n' % version).encode() in metadata.replace(b'\r', b'')
        assert bundled.join(module, '__init__.py').check() or bundled.join(module + '.py').check()
        assert [one for one in documents if one.startswith(name + '.LICEN')], documents


def test_nothing_in_it_is_for_one_architecture(unpacked):
    for folder, _, names in os.walk(str(unpacked)):
        for name in names:
            with open(os.path.join(folder, name), 'rb') as source:
                assert source.read(4) != b'\x7fELF', os.path.join(folder, name)


def test_the_libraries_for_python_2_are_those_of_the_requirements():
    assert sorted('%s==%s' % item for item in pins('py2').items()) == sorted(requirements('py2'))


def test_the_libraries_for_python_36_are_those_of_the_requirements():
    marked = [line.partition(';')[0].strip() for line in requirements('py3') if '< "3.7"' in line]
    assert sorted('%s==%s' % item for item in pins('py36').items()) == sorted(marked)


# the files

def test_the_program_names_the_distributions_interpreter(unpacked, dist):
    program = unpacked.join('usr/sbin/netnsctl')
    assert program.read().split('\n')[0] == '#!%s -sES' % interpreter(dist)
    assert program.stat().mode & 0o777 == 0o755
    assert "python='%s'\nlibrary='%s'\n" % (interpreter(dist), LIBRARY) in \
        unpacked.join(LIBRARY, 'netnsctl/libexec/ip').read()
    for script in ('ip', 'plugin', 'cni', 'dhcp-script'):
        assert unpacked.join(LIBRARY, 'netnsctl/libexec', script).stat().mode & 0o777 == 0o755


def test_it_has_what_podman_starts_where_podman_looks_for_it(unpacked):
    assert_installed(unpacked, LIBRARY)


def test_the_cni_plugin_has_the_name_that_configurations_have_and_the_same_interpreter(unpacked, dist):
    plugin = unpacked.join('usr/libexec/netnsctl/cni/netnsctl')
    assert plugin.stat().mode & 0o777 == 0o755
    assert "\nlibrary='%s'\n" % LIBRARY in plugin.read()
    starter = unpacked.join(LIBRARY, 'netnsctl/libexec/plugin')
    assert "python='%s'\nlibrary='%s'\n" % (interpreter(dist), LIBRARY) in starter.read()


def test_no_placeholder_is_left(unpacked):
    for place in ('usr/sbin', 'etc', LIBRARY.lstrip('/') + '/netnsctl'):
        for folder, _, names in os.walk(str(unpacked.join(place))):
            for name in names:
                with open(os.path.join(folder, name), 'rb') as source:
                    # The shim tests for an @ that nobody filled in.
                    assert not re.search(b'@[A-Z]+@', source.read()), os.path.join(folder, name)


def test_everything_is_roots_and_writable_by_root_alone(built, dist):
    for item in built(dist).files.values():
        assert item.owner == 'root:root' and not item.mode & 0o022, item.name
        assert stat.S_ISDIR(item.mode) or stat.S_ISREG(item.mode), item.name


def test_what_modules_are_compiled_to_belongs_to_the_package(built, dist):
    files = built(dist).files
    modules = [name for name in files if name.startswith(LIBRARY) and name.endswith('.py')]
    assert len(modules) > 100
    tags = {'el6': [''], 'el7': [''], 'el8': ['.cpython-36'], 'el9': ['.cpython-39'], 'el10': ['.cpython-312']}
    wanted = set()
    for module in modules:
        folder, name = os.path.split(module[:-len('.py')])
        for tag in tags.get(dist, ['.cpython-312', '.cpython-313', '.cpython-314']):
            wanted.add(os.path.join(folder, '__pycache__' if tag else '', '%s%s.pyc' % (name, tag)))
    assert set(name for name, item in files.items() if item.is_ghost and name.endswith('.pyc')) == wanted


def test_every_folder_that_it_makes_belongs_to_it(built, dist):
    files = built(dist).files
    for name in files:
        while name.startswith(LIBRARY + '/'):
            name = os.path.dirname(name)
            assert name in files


def test_config_files_are_kept_when_they_were_changed(built, dist):
    config = dict((name, item.flags) for name, item in built(dist).files.items() if item.flags & CONFIG)
    assert sorted(config) == ['/etc/logrotate.d/netnsctl'] * (dist == 'el6') + ['/etc/netnsctl.conf']
    assert all(flags & NOREPLACE for flags in config.values())
    assert stat.S_ISDIR(built(dist).files['/etc/sysconfig/netns'].mode)


def test_the_folders_of_what_netnsctl_keeps_are_the_package_s_and_root_s_alone(built, dist):
    files = built(dist).files
    for path in ('/var/lib/netnsctl', '/var/run/netnsctl' if dist == 'el6' else '/run/netnsctl'):
        assert stat.S_ISDIR(files[path].mode) and stat.S_IMODE(files[path].mode) == 0o700, path


def test_services_are_init_scripts_on_el6_and_units_elsewhere(built, dist):
    scripts = ['/etc/rc.d/init.d/netnsctl', '/etc/rc.d/init.d/netnsctl-watch', '/etc/logrotate.d/netnsctl',
               '/var/log/netnsctl-watch.log']
    units = ['/usr/lib/systemd/system/netnsctl.service', '/usr/lib/systemd/system/netnsctl-watch.service',
             '/usr/lib/tmpfiles.d/netnsctl.conf'] + [
                 '/usr/lib/systemd/system/%s.service.d/netnsctl.conf' % name
                 for name in ('firewalld', 'nftables', 'iptables')]
    there, absent = (scripts, units) if dist == 'el6' else (units, scripts)
    files = built(dist).files
    assert set(there) <= set(files) and not set(absent) & set(files)
    for name in there[:2]:
        assert files[name].mode & 0o777 == (0o755 if dist == 'el6' else 0o644)


def test_what_iptables_loads_itself_and_the_units_may_not_is_loaded_at_boot_on_el7(built, dist):
    """The others' iptables is nft's."""
    assert ('/usr/lib/modules-load.d/netnsctl.conf' in built(dist).files) == (dist == 'el7')


def test_the_config_file_decides_nothing():
    with open(os.path.join(TOP, 'rpm', 'netnsctl.conf')) as source:
        text = source.read()
    assert settings.parse(text).lines == {}
    # Each key stands there, with its default, to be uncommented, and each of its values is explained.
    for key, values in settings.KEYS.items():
        assert list(settings.parse(text.replace('\n#' + key, '\n' + key)).lines) == [key]
        assert '#%s = %s\n' % (key, values[0]) in text
        assert all(re.search(r'(?m)^#   %s +\S' % value, text) for value in values)


def test_every_manual_page_and_the_completion_are_in_it(built, dist):
    pages = os.listdir(os.path.join(TOP, 'docs', 'man'))
    assert 'netnsctl-wire.8' in pages and 'ifcfg-netns.5' in pages
    found = set(name for name in built(dist).files if name.startswith('/usr/share/man/'))
    assert found == set('/usr/share/man/man%s/%s.gz' % (page[-1], page) for page in pages)
    completions = '/etc/bash_completion.d' if dist == 'el6' else '/usr/share/bash-completion/completions'
    assert completions + '/netnsctl' in built(dist).files
    assert '/usr/share/zsh/site-functions/_netnsctl' in built(dist).files
    assert '/usr/share/fish/vendor_completions.d/netnsctl.fish' in built(dist).files


def test_rpmlint_says_nothing_without_a_reason_and_no_reason_is_without_use(built, with_doc, source_package):
    if run(['sh', '-c', 'command -v rpmlint']).status != 0:
        lacking('rpmlint', 'not installed')
    version = run(['rpmlint', '--version']).out.strip()
    if not version.startswith('2.4.'):
        pytest.skip('the list is of what rpmlint 2.4 says, this is %s' % version)
    result = run(['rpmlint', '--config', os.path.join(TOP, 'rpm', 'rpmlint.toml'),
                  '--rpmlintrc', os.path.join(TOP, 'rpm', 'rpmlintrc'), built('el6').path, source_package] +
                 [package.path for package in with_doc] + [os.path.join(TOP, 'netnsctl.spec')], timeout=120)
    complaints = re.findall(r'(?m)^.*: [EW]: .*$', result.out)
    assert result.status == 0 and not complaints, '\n'.join(complaints)
    assert ' 4 packages and 1 specfiles checked; 0 errors, 0 warnings' in result.out
