"""The manual pages say of the program what it is: each against the command, the errors, the checks or the keys."""
from __future__ import absolute_import, division, print_function

import os
import re
import subprocess

import pytest

from netnsctl import errors
from netnsctl.cli import commands
from netnsctl.edge.files import settings
from netnsctl.ipnetns import options as ip_options
from netnsctl.ipnetns import words as ip_words
from netnsctl.model import endpoint, names
from netnsctl.model.ifcfg import fields, file_names, readers
from netnsctl.plugins.cni import configuration, documents, problems
from netnsctl.usecases import doctor, tree
from netnsctl.usecases.tree import reading
from support import clicktree, manpages
from support.lacking import lacking
from support.manpages import Page

PAGES = manpages.names()
# The program's own page has these; each other command has a page, or a section in that of its group.
IN_MAIN_PAGE = ('help', 'version')
COMMANDS = sorted(path for path in clicktree.commands() if path not in IN_MAIN_PAGE)
PLAIN = [path for path in COMMANDS if ' ' not in path and path != 'netns']
TOPS = sorted(set(path.split()[0] for path in COMMANDS))
HELP = '-h, --help'
OPTION = re.compile(r'(?<![\w-])--?[A-Za-z][\w-]*')


def page_of(path):
    return Page('netnsctl-%s.8' % path.split()[0])


def section_of(path):
    """The section that has the options of a command."""
    words = path.split()
    return page_of(path).section('OPTIONS' if len(words) == 1 else 'COMMANDS/' + words[1])


def tag_of(option):
    """As a page introduces an option of click's: '-f, --file FILE'."""
    # The order of short and long is click's own.
    names = sorted(clicktree.option_names(option), key=lambda name: (name.startswith('--'), name.startswith('--no-')))
    return ', '.join(names) + (' ' + option.metavar if clicktree.takes_value(option) else '')


def test_each_command_has_a_page_and_each_page_a_command():
    of_no_command = ['netnsctl.8', 'ifcfg-netns.5', 'netnsctl-cni.7', 'netnsctl-podman.7']
    assert PAGES == sorted(of_no_command + ['netnsctl-%s.8' % name for name in TOPS])
    assert Page('netnsctl.8').section('COMMANDS').tags == [
        'netnsctl %s' % name if name in IN_MAIN_PAGE else 'netnsctl-%s(8)' % name
        for name in [command.name for command in commands.COMMANDS]]


@pytest.mark.parametrize('path', [path for path in COMMANDS if path != 'netns'])
def test_the_options_of_a_command_stand_in_its_page_and_no_others(path):
    tags = [tag for tag in section_of(path).tags if tag.startswith('-')]
    assert sorted(set(tags) - set([HELP])) == sorted(tag_of(option) for option in clicktree.options(path))
    assert len(tags) == len(set(tags))
    assert HELP in page_of(path).section('OPTIONS').tags


@pytest.mark.parametrize('path', [path for path in COMMANDS if path != 'netns'])
def test_the_arguments_of_a_command_stand_in_its_synopsis(path):
    lines = [line for line in page_of(path).section('SYNOPSIS').lines if line.startswith('netnsctl %s' % path)]
    assert lines
    wanted = set()
    for argument in clicktree.arguments(path):
        wanted.update(re.findall('[A-Z]+', argument.make_metavar(*([None] if takes_context(argument) else []))))
    options = set(re.findall('[A-Z]+', ' '.join(tag_of(option) for option in clicktree.options(path))))
    said = set(re.findall(r'\b[A-Z]+\b', ' '.join(lines))) - set(['OPTIONS'])
    assert wanted <= said and said - wanted <= options, (wanted, said)


def takes_context(argument):
    """make_metavar() takes a context since click 8.2."""
    code = argument.make_metavar.__code__
    return code.co_argcount > 1


@pytest.mark.parametrize('path', [path for path in COMMANDS if path != 'netns'])
def test_an_option_in_a_synopsis_is_one_of_that_command(path):
    names = [name for option in clicktree.options(path) for name in clicktree.option_names(option)]
    lines = [line for line in page_of(path).section('SYNOPSIS').lines if line.startswith('netnsctl %s' % path)]
    assert set(OPTION.findall(' '.join(lines))) <= set(names)


# In these the options are those of iproute2's words, and of podman.
@pytest.mark.parametrize('name', [name for name in PAGES if name not in ('netnsctl-netns.8', 'netnsctl-podman.7')])
def test_no_page_names_an_option_that_its_commands_lack(name):
    """An option of another command stands on a line that names that command."""
    own = set(['-h', '--help', '--version'])
    for path in COMMANDS:
        if path != 'netns' and name == page_of(path).name:
            own.update(one for option in clicktree.options(path) for one in clicktree.option_names(option))
    faults = []
    for line in Page(name).text.splitlines():
        options = set(option for option in re.findall(r'(?<![\w-])--[a-z][a-z0-9-]*', line))
        faults += [(option, line) for option in options - own - options_of_commands_on(line)]
    summaries = [item.summary.replace('`', '') for item in doctor.checks()]
    assert [fault for fault in faults if fault[1] not in summaries] == []


def options_of_commands_on(line):
    found = set(['--sysctl'] if 'docker run' in line else [])
    for path in COMMANDS:
        if path != 'netns' and re.search(r'\b%s\b' % path, line):
            found.update(one for option in clicktree.options(path) for one in clicktree.option_names(option))
    return found


def test_the_exit_codes_are_those_of_the_errors():
    codes = set(item.exit_code for item in vars(errors).values()
                if isinstance(item, type) and issubclass(item, errors.NetnsctlError))
    tags = Page('netnsctl.8').section('EXIT STATUS').tags
    assert tags == ['%d' % code for code in sorted(codes | set([0]))] + ['128+N']


def test_the_schemes_and_keys_of_endpoints_are_those_of_the_grammar():
    text = Page('netnsctl.8').section('ENDPOINTS')
    assert sorted(re.findall(r'([a-z-]+)://', ' '.join(text.tags))) == sorted(endpoint.SCHEMES)
    assert sorted(re.findall(r'^([a-z]+)=', '\n'.join(text.tags), re.MULTILINE)) == sorted(endpoint.KEYS)
    for said in ('%d to %d' % (names.MTU_MIN, names.MTU_MAX), '%d bytes' % names.IFNAME_BYTES):
        assert said in text.text


def test_the_settings_of_the_host_are_those_of_the_program():
    text = Page('netnsctl.8').section('FILES').text
    assert settings.PLACE in text and sorted(settings.KEYS) == [
        'backend', 'firewall', 'pod_annotations']
    for value in sum(settings.KEYS.values(), ()):
        assert value in text


def test_the_variables_are_those_that_the_program_reads():
    from netnsctl.edge.runtimes import engines
    tags = ', '.join(Page('netnsctl.8').section('ENVIRONMENT').tags).split(', ')
    assert tags == ['NETNSCTL_PATH'] + list(engines.DOCKER_VARIABLES) + ['NO_COLOR']


def test_the_checks_are_those_of_the_doctor():
    section = page_of('doctor').section('CHECKS')
    assert section.tags == ['%s (%s)' % (item.name, item.tier) for item in doctor.checks()]
    for item in doctor.checks():
        assert item.summary.replace('`', '') in section.lines


def test_the_words_and_options_of_netns_are_those_of_the_program():
    page = page_of('netns')
    words = ', '.join(page.section('WORDS').tags).split(', ')
    assert sorted(words) == sorted(word.decode('ascii') for word, _, _ in ip_words._WORDS)
    tags = [tag for tag in ', '.join(page.section('OPTIONS').tags).split(', ')]
    known = [name.decode('ascii') for name in [name for name, _ in ip_options._OPTIONS] + list(ip_options._PLAIN)]
    assert sorted(tag.split(' ')[0] for tag in tags) == sorted(known)
    valued = [name.decode('ascii') for name, action in ip_options._OPTIONS if action in ip_options._WITH_VALUE]
    assert sorted(tag.split(' ')[0] for tag in tags if ' ' in tag) == sorted(valued)


def test_the_keys_are_those_of_the_table():
    page = Page('ifcfg-netns.5')
    found = re.findall(r'[A-Z0-9_]+n?', ' '.join(page.section('KEYS').tags))
    wanted = []
    for field in fields.FIELDS:
        if field.acted:
            wanted += [field.key] if field.key != 'DNS' else []
            wanted += [field.key + 'n'] if field.indexed else []
    assert sorted(found) == sorted(wanted)
    for title, wanted in (
            ('KEYS WITHOUT EFFECT', [field.key for field in fields.FIELDS if not field.acted and not field.other]),
            ('KEYS THAT ARE REFUSED', [field.key for field in fields.FIELDS if field.other])):
        listed = [line for line in page.section(title).lines if re.match('[A-Za-z0-9_]+(,|[.]$)', line)]
        assert sorted(re.findall('[A-Za-z0-9_]+', ' '.join(listed))) == sorted(wanted), title


def test_the_keys_versions_and_codes_of_the_cni_plugin_are_its_own():
    page = Page('netnsctl-cni.7')
    said = re.findall(r'[A-Za-z0-9]+', re.sub(r'\(.*?\)', '', ' '.join(page.section('KEYS').tags)))
    assert sorted(said) == sorted(configuration.READERS)
    assert '%s and %s' % (', '.join(documents.VERSIONS[:-1]), documents.VERSIONS[-1]) in ' '.join(
        page.section('DESCRIPTION').text.split())
    own = [problems.WIRE + code for code in (1, 3, 4, 6)] + [problems.DIFFERS, problems.INTERRUPTED, problems.IPAM,
                                                            problems.DEFECT]
    assert page.section('ERRORS').tags == ['%d' % code for code in sorted(own)]


def test_what_the_page_of_the_tree_says_of_its_files_is_so():
    page = Page('ifcfg-netns.5')
    assert page.section('SYNOPSIS').lines[::2] == [
        '%s/NS/%sDEV' % (tree.PLACE, prefix) for prefix in ('ifcfg-',) + reading.SIDE_PREFIXES]
    for suffix in file_names.ENDINGS:
        assert suffix in page.section('DESCRIPTION').text
    for word in list(readers.SCOPES) + list(readers.PROTOCOLS) + ['%d to %d' % (names.MTU_MIN, names.MTU_MAX),
                                                              '0 to %d' % (fields.INDEXES - 1),
                                                              'the first %d' % fields.DNS_SERVERS]:
        assert word in page.section('KEYS').text, word


@pytest.mark.parametrize('name', PAGES)
def test_a_page_has_the_sections_of_a_page_and_leads_to_pages_that_there_are(name):
    titles = [section.title for section in Page(name).sections]
    wanted = ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'EXAMPLES', 'SEE ALSO']
    assert [title for title in titles if title in wanted] == wanted
    text = Page(name).text
    assert Page(name).section('NAME').lines[0].startswith(name.rpartition('.')[0] + ' - ')
    for other, number in re.findall(r'((?:netnsctl|ifcfg)[a-z-]*) ?\((\d)\)', text):
        assert '%s.%s' % (other, number) in PAGES
    assert '.TH %s %s ' % (name.rpartition('.')[0].upper(), name[-1]) in manpages.source(name)


@pytest.mark.parametrize('name', PAGES)
def test_a_page_has_only_what_old_and_new_formatters_know(name):
    """man 1.6 with groff 1.18, EL6's, knows no .UR with text, .EX, .TQ, .SY, .OP or .MT; and a bare - is no dash of an
    option there."""
    source = manpages.source(name)
    known = set('TH SH SS TP PP RS RE nf fi br B I BR RB BI IB IR RI ad hy'.split())
    assert set(re.findall(r'(?m)^\.([A-Za-z]+)', source)) <= known
    assert [line for line in source.splitlines() if re.search(r'(?<!\\)--', line) or len(line) > 120] == []
    assert all(ord(letter) < 128 for letter in source)
    assert [line for line in source.splitlines() if line != line.rstrip()] == []


@pytest.mark.parametrize('name', PAGES)
@pytest.mark.parametrize('argv', [['mandoc', '-Tlint', '-Wwarning'], ['groff', '-man', '-ww', '-z', '-Tascii']],
                         ids=['mandoc', 'groff'])
def test_a_formatter_has_nothing_to_say_of_a_page(name, argv):
    try:
        process = subprocess.Popen(argv + [os.path.join(manpages.FOLDER, name)], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
    except OSError:
        lacking(argv[0], '%s is not installed' % argv[0])
    said = process.communicate()[0]
    assert (process.returncode, said) == (0, b'')


def test_mandoc_would_tell_of_a_fault(tmpdir):
    page = tmpdir.join('x.8')
    page.write('.TH X 8 2026-11-24\n.SH NAME\nx \\- y\n.nosuch\n')
    try:
        assert subprocess.call(['mandoc', '-Tlint', '-Wwarning', str(page)], stdout=subprocess.PIPE) != 0
    except OSError:
        lacking('mandoc', 'mandoc is not installed')
