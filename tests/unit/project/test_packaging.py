"""What is said in more than one place says the same."""
from __future__ import absolute_import, division, print_function

import ast
import os
import re
import sys

from support.program import TOP


def text_of(name):
    with open(os.path.join(TOP, name)) as source:
        return source.read()


def test_the_spec_has_the_version_of_the_package():
    inside = re.search(r"^__version__ = '([^']+)'", text_of('src/netnsctl/__init__.py'), re.MULTILINE).group(1)
    assert re.search(r'^Version: *(\S+)', text_of('netnsctl.spec'), re.MULTILINE).group(1) == inside


def test_the_changelog_of_the_spec_begins_with_its_version():
    text = text_of('netnsctl.spec')
    version = re.search(r'^Version: *(\S+)', text, re.MULTILINE).group(1)
    assert re.search(r'\n%changelog\n\* \w{3} \w{3} \d\d \d{4} .* - (\S+)\n- ', text).group(1) == version + '-1'


def test_the_spec_provides_what_each_of_its_sources_bundles():
    text = text_of('netnsctl.spec')
    for name in ('py2', 'py36', 'py3'):
        part = re.search(r'(?s)\n%%if "%%{libraries}" == "%s"\n(Provides:.*?)%%endif\n' % name, text).group(1)
        assert re.findall(r'bundled\(python-(\S+)\) = (\S+)\n', part) == \
            re.findall(r'(?m)^([a-z0-9-]+)==(\S+)', text_of('rpm/bundled/%s.txt' % name))


def test_the_spec_has_nothing_that_rpm_4_8_cannot_read():
    lines = [line for line in text_of('netnsctl.spec').split('\n') if not line.startswith('#')]
    newer = re.compile(r'%(elif|autosetup|autochangelog|bcond |generate_buildrequires|transfiletrigger|filetrigger|\[)'
                       r'|^(Recommends|Suggests|Supplements|Enhances|BuildSystem)|^Requires: *\(')
    assert [line for line in lines if newer.search(line)] == []


def test_what_builds_the_site_is_pinned():
    lines = [line for line in text_of('docs/site/requirements.txt').splitlines() if not line.startswith('#')]
    assert lines and [line for line in lines if not re.match(r'[a-z0-9-]+==[0-9.]+$', line)] == []


def test_the_recipes_name_what_there_is():
    spec = re.search(r'^specfile_path: (\S+)$', text_of('.packit.yaml'), re.MULTILINE).group(1)
    assert os.path.isfile(os.path.join(TOP, spec))
    for name in ('.packit.yaml', '.copr/Makefile'):
        for path in re.findall(r'\b(rpm/\w+)', text_of(name)):
            assert os.access(os.path.join(TOP, path), os.X_OK), (name, path)


def test_the_python_2_pins_are_exact():
    lines = [line for name in ('py2', 'test-py2') for line in text_of('requirements/%s.txt' % name).splitlines()
             if line and not line.startswith('#')]
    assert lines
    assert [line for line in lines if not re.match(r'[a-z0-9]+==[0-9.]+(;|$)', line)] == []


def test_the_packages_for_python_2_bundle_what_its_pins_name():
    wanted = re.findall(r'^[a-z0-9]+==[0-9.]+', text_of('requirements/py2.txt'), re.MULTILINE)
    assert wanted
    assert re.findall(r'^[a-z0-9]+==[0-9.]+', text_of('rpm/bundled/py2.txt'), re.MULTILINE) == wanted


def test_every_help_line_of_the_makefile_is_a_target():
    makefile = text_of('Makefile')
    named = re.findall(r"@echo 'make ([a-z0-9-]+)", makefile)
    assert named
    assert [name for name in named if not re.search(r'^%s:' % name, makefile, re.MULTILINE)] == []


def test_what_pip_installs_has_the_completions_and_the_types(tmpdir):
    """By setup.py's own words: what each shell loads is called as that shell calls it."""
    from support.process import run
    source = ('import sys; sys.argv = ["setup.py", "--name"]; sys.path.insert(0, %r)\n'
              'import setup\nprint(setup.completions())' % TOP)
    result = run([sys.executable, '-c', 'import os; os.chdir(%r)\n%s' % (TOP, source)])
    places = dict((os.path.basename(files[0]), (place, files[0])) for place, files in ast.literal_eval(result.out))
    assert sorted(places) == ['_netnsctl', 'netnsctl', 'netnsctl.fish'], result
    for place, path in places.values():
        assert os.path.isfile(os.path.join(TOP, path)) and place.startswith('share/')
    with open(os.path.join(TOP, 'setup.py')) as text:
        text = text.read()
    assert "'*.pyi'" in text and "'py.typed'" in text
