"""`import netnsctl`: what it offers at once, what it says to values of the wrong type, and its stub files."""
from __future__ import absolute_import, division, print_function

import ast
import os
import re
import subprocess
import sys

import pytest

import netnsctl
from netnsctl import errors, library
from netnsctl.errors import NetnsctlError, UsageError, WrongTypeError
from support.process import run
from support.program import SOURCE

STUB = os.path.join(SOURCE, 'netnsctl', '__init__.pyi')
FUNCTIONS = [name for name in netnsctl.__all__ if name != 'errors']
BYTES = b'web' if sys.version_info[0] > 2 else bytearray(b'web')


class Odd(object):
    """Not text, and not even printable."""

    def __str__(self):
        raise ValueError('no')

    __repr__ = __str__


def python(text):
    return run([sys.executable, '-E', '-s', '-c', 'import sys; sys.path.insert(0, %r)\n%s' % (SOURCE, text)])


@pytest.mark.parametrize('error', [UsageError('a: b', hint='c'), WrongTypeError('a'), errors.KernelError('a', 17)])
def test_an_error_is_whole_after_a_copy_and_a_pickle(error):
    import copy
    import pickle
    for other in [copy.copy(error)] + [pickle.loads(pickle.dumps(error, kind)) for kind in (0, 1, 2)]:
        assert (type(other), other.args, repr(other), str(other)) == (type(error), error.args, repr(error), str(error))
        assert vars(other) == vars(error)


def test_the_errors_are_there_with_the_package():
    result = python('import netnsctl; print(netnsctl.errors.UsageError.exit_code)')
    assert (result.status, result.out) == (0, '2\n'), result


def test_an_attribute_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError):
        netnsctl.nosuch  # noqa: B018 - it is looked up
    assert not hasattr(netnsctl, 'wirre')


WRONG = [None, 1, 1.5, BYTES, [], {}, object(), Odd(), True, Odd]


@pytest.mark.parametrize('value', WRONG)
@pytest.mark.parametrize('call', [
    lambda value: netnsctl.wire(value, 'b'), lambda value: netnsctl.wire('a', value),
    lambda value: netnsctl.wire('a', 'b', backend=value),
    lambda value: netnsctl.wire('a', 'b', name=value if value is not None else 1),
    lambda value: netnsctl.wire('a', 'b', pool=value if value is not None else 1),
    lambda value: netnsctl.wire('a', 'b', host=value if value is not None else 1),
    lambda value: netnsctl.unwire(value), lambda value: netnsctl.unwire('a', value if value is not None else 1),
    lambda value: netnsctl.check(value), lambda value: netnsctl.shape(value, 'a', rate='1mbit'),
    lambda value: netnsctl.shape('w', value, rate='1mbit'),
    lambda value: netnsctl.shape('w', 'a', loss=value if value is not None else 1),
    lambda value: netnsctl.save([value]), lambda value: netnsctl.up([value]), lambda value: netnsctl.down(['a', value]),
    lambda value: netnsctl.save(value if value not in (None, []) else 1),
    lambda value: netnsctl.up(value if value not in (None, []) else 1)])
def test_a_value_of_the_wrong_type_is_a_declared_error_and_a_type_error(call, value):
    with pytest.raises(WrongTypeError) as caught:
        call(value)
    assert isinstance(caught.value, (UsageError,)) and isinstance(caught.value, TypeError)
    assert caught.value.exit_code == 2 and re.match('[a-z]+: ', caught.value.message)


NAMED = [
    ('a', lambda value: netnsctl.wire(value, 'b')), ('b', lambda value: netnsctl.wire('a', value)),
    ('name', lambda value: netnsctl.wire('a', 'b', name=value)),
    ('mtu', lambda value: netnsctl.wire('a', 'b', mtu=value)),
    ('backend', lambda value: netnsctl.wire('a', 'b', backend=value)),
    ('pool', lambda value: netnsctl.wire('a', 'b', pool=value)), ('name', lambda value: netnsctl.unwire(value)),
    ('name', lambda value: netnsctl.unwire(value, 'b')), ('peer', lambda value: netnsctl.unwire('a', value)),
    ('name', lambda value: netnsctl.check(value)), ('names', lambda value: netnsctl.save(value)),
    ('names', lambda value: netnsctl.save(['a', value])), ('spaces', lambda value: netnsctl.up(value)),
    ('spaces', lambda value: netnsctl.up(('a', value))), ('spaces', lambda value: netnsctl.down(value)),
    ('spaces', lambda value: netnsctl.down(['a', value])),
    ('to', lambda value: netnsctl.check('a', to=value)), ('check', lambda value: netnsctl.wire('a', 'b', check=value)),
    ('name', lambda value: netnsctl.shape(value, 'a', rate='1mbit')),
    ('end', lambda value: netnsctl.shape('w', value, rate='1mbit')),
    ('rate', lambda value: netnsctl.shape('w', 'a', rate=value)),
    ('save', lambda value: netnsctl.shape('w', 'a', loss='1%', save=value)),
    ('save', lambda value: netnsctl.wire('a', 'b', save=value))]


@pytest.mark.parametrize('value', [1400.0, float('nan'), BYTES, 2j])
@pytest.mark.parametrize('key,call', NAMED)
def test_the_message_names_the_function_and_the_argument(key, call, value):
    with pytest.raises(WrongTypeError) as caught:
        call(value)
    said = caught.value.message
    assert re.match('(wire|unwire|shape|check|save|up|down): %s: must be ' % key, said), said
    assert caught.value.message.endswith(', not %s' % value.__class__.__name__)


@pytest.mark.parametrize('value', [u'\ud800', u'a\udcff', u'\udc80b'])
@pytest.mark.parametrize('key,call', [item for item in NAMED if item[0] not in ('check', 'save')])
def test_text_that_cannot_be_encoded_is_named_by_its_argument_in_text_that_can(key, call, value):
    with pytest.raises(UsageError) as caught:
        call(value)
    assert caught.value.message.encode('utf-8') and (': %s: ' % key) in caught.value.message


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason='needs root: the call asks for it first')


@needs_root
def test_a_character_outside_the_first_plane_is_not_a_lone_surrogate():
    with pytest.raises(UsageError) as caught:
        netnsctl.check(u'\U0001f600')
    assert 'surrogate' not in caught.value.message and 'wire name' in caught.value.message


@pytest.mark.parametrize('value', ['yes', 2, None, [], Odd(), 1.0])
@pytest.mark.parametrize('key', ['check', 'replace', 'force', 'save', 'open'])
def test_a_flag_is_true_or_false(key, value):
    with pytest.raises(WrongTypeError):
        netnsctl.wire('a', 'b', **{key: value})


@pytest.mark.parametrize('value', [1.5, BYTES, [], Odd(), True, '12x', -1, 1 << 70, '', 67])
def test_an_mtu_that_is_none_is_a_usage_error(value):
    with pytest.raises(UsageError) as caught:
        netnsctl.wire('a', 'b', mtu=value)
    assert 'mtu' in caught.value.message
    assert isinstance(caught.value, TypeError) == (value is True or not isinstance(value, (int, str, type(1 << 70))))


@pytest.mark.parametrize('call,words', [
    (lambda: netnsctl.wire('a', 'b', 'c'), 'takes 2 positional arguments, but 3'),
    (lambda: netnsctl.wire('a', 'b', None, 1400), '4 were given'), (lambda: netnsctl.unwire('a', 'b', 'c'), 'but 3'),
    (lambda: netnsctl.check('a', 'b'), 'check: takes 1 positional argument, but 2'),
    (lambda: netnsctl.wires('a'), 'wires: takes 0 positional arguments'),
    (lambda: netnsctl.save('a', 'b'), 'save: takes 1'),
    (lambda: netnsctl.up('a', 'b'), 'up: takes 1'), (lambda: netnsctl.down('a', 'b'), 'down: takes 1'),
    (lambda: netnsctl.namespaces('a'), 'namespaces: takes 0'), (lambda: netnsctl.namespaces(all=True), 'all='),
    (lambda: netnsctl.wire('a', 'b', nmae='x'), 'unknown keyword nmae='),
    (lambda: netnsctl.unwire('a', force=True), 'force='),
    (lambda: netnsctl.shape('w', 'a', '1mbit'), 'shape: takes 2'),
    (lambda: netnsctl.shape('w', 'a', speed='1mbit'), 'unknown keyword speed='),
    (lambda: netnsctl.wires(name='a'), 'name='), (lambda: netnsctl.wires(matching=3), 'matching: must be text'),
    (lambda: netnsctl.check('a', all=True), 'all='),
    (lambda: netnsctl.up(names='a'), 'names=')])
def test_an_argument_that_there_is_not_is_a_declared_error(call, words):
    with pytest.raises(WrongTypeError) as caught:
        call()
    assert words in caught.value.message


@needs_root
@pytest.mark.parametrize('call', [
    lambda: netnsctl.wire('', 'b'), lambda: netnsctl.wire('a', 'b:lo'), lambda: netnsctl.wire('a', 'b', name='../x'),
    lambda: netnsctl.wire('a', 'b', pool='x'), lambda: netnsctl.unwire(''), lambda: netnsctl.unwire('a', ''),
    lambda: netnsctl.check('../x'), lambda: netnsctl.save('../x'), lambda: netnsctl.wire('a\0', 'b'),
    lambda: netnsctl.wire('a', 'b', open=True), lambda: netnsctl.check('a', to='224.0.0.1'),
    lambda: netnsctl.shape('../x', 'a', rate='1mbit'), lambda: netnsctl.shape('w', 'a')])
def test_text_that_means_nothing_is_a_usage_error(call):
    with pytest.raises(UsageError):
        call()


def test_a_wrong_type_is_seen_before_anything_is_done():
    before = set(os.listdir('/proc/self/fd'))
    for value in WRONG:
        with pytest.raises(NetnsctlError):
            netnsctl.wire('a', value)
    assert set(os.listdir('/proc/self/fd')) == before


# The stub files say what there is.

def stub_signatures():
    """{function: [names of its parameters]}, by the stub; of `wire` with the star before those by keyword."""
    with open(STUB) as source:
        text = re.sub(r'\s+', ' ', source.read())
    return dict((name, [word.split(':')[0].strip() for word in re.split(r', (?=\*|[a-z]+:)', inner) if word.strip()])
                for name, inner in re.findall(r'\bdef ([a-z]+)\(((?!self)[^)]*)\) ->', text))


def stub_defaults(name):
    """{parameter that may be left out: the types that the stub gives it}"""
    with open(STUB) as source:
        text = re.sub(r'\s+', ' ', source.read())
    inner = re.search(r'\bdef %s\(((?!self)[^)]*)\) ->' % name, text).group(1)
    return dict(re.findall(r'([a-z]+): ((?:[^,=\[]|\[[^=]*\])+) = \.\.\.', inner))


@pytest.mark.parametrize('name', FUNCTIONS)
def test_what_may_be_left_out_by_the_stub_may_be_by_the_function(name):
    first = getattr(netnsctl, name).__doc__.strip().splitlines()[0]
    said = dict(re.findall(r'([a-z]+)=([^,)]+)', first))
    assert sorted(stub_defaults(name)) == sorted(said)
    kinds = {'True': 'bool', 'False': 'bool', "'auto'": 'str'}
    for key, types in stub_defaults(name).items():
        assert types == kinds[said[key]] if said[key] in kinds else 'None' in types or 'Optional' in types, (key, types)
    code = getattr(netnsctl, name).__code__
    required = list(code.co_varnames[:code.co_argcount - len(getattr(netnsctl, name).__defaults__ or ())])
    assert [word for word in stub_signatures()[name] if word != '*' and word not in said] == required
    if name == 'wire':
        assert dict((key, repr(value)) for key, value in library._WIRE.items()) == said
    elif name == 'shape':  # whose items stay as they are where they are not given
        assert sorted(library._SHAPE) == sorted(said)
    elif name in ('check', 'wires'):  # by keyword alone
        assert sorted(said) == {'check': ['to'], 'wires': ['matching']}[name]
    elif name in ('up', 'down'):
        assert sorted(['spaces'] + list(library._COMPOSED)) == sorted(said)
    else:
        assert sorted(code.co_varnames[len(required):code.co_argcount]) == sorted(said)


@pytest.mark.parametrize('name', FUNCTIONS)
def test_the_stub_has_the_parameters_that_the_docstring_begins_with(name):
    first = getattr(netnsctl, name).__doc__.strip().splitlines()[0]
    said = re.match(r'%s\((.*)\)$' % name, first)
    wanted = [word.split('=')[0].strip() for word in said.group(1).split(',') if word] if said else []
    assert [word for word in stub_signatures()[name] if word != '*'] == wanted


def test_the_stub_knows_what_the_package_exports():
    with open(STUB) as source:
        text = source.read()
    exported = ast.literal_eval(re.search(r'(?m)^__all__ = (.*)$', text).group(1))
    assert exported == netnsctl.__all__ == sorted(FUNCTIONS + ['errors'])
    assert sorted(stub_signatures()) == sorted(FUNCTIONS)
    assert os.path.exists(os.path.join(SOURCE, 'netnsctl', 'py.typed'))


def test_the_stub_of_the_errors_has_each_with_its_bases():
    with open(os.path.join(SOURCE, 'netnsctl', 'errors.pyi')) as source:
        found = re.findall(r'(?m)^class (\w+)\((.*)\):', source.read())
    said = dict((name, bases.split(', ')) for name, bases in found)
    there = dict((name, [base.__name__ for base in item.__bases__]) for name, item in vars(errors).items()
                 if isinstance(item, type) and item.__module__ == errors.__name__)
    assert said == there


def test_mypy_takes_the_stubs_and_what_is_written_with_them(tmpdir):
    pytest.importorskip('mypy')
    good, bad = tmpdir.join('good.py'), tmpdir.join('bad.py')
    good.write('import netnsctl\n'
               'try:\n'
               '    wire = netnsctl.wire("a", "b", name="x", mtu=1400, check=False)\n'
               '    print(wire.name.upper(), netnsctl.check(wire).ok, netnsctl.up("web").exit_code + 1)\n'
               '    netnsctl.unwire(wire)\n'
               'except netnsctl.errors.NetnsctlError as error:\n'
               '    raise SystemExit(error.exit_code)\n')
    lines = ['netnsctl.wire("a", "b", "c")', 'netnsctl.wire(b"a", "b")', 'netnsctl.unwire(None)', 'netnsctl.check()',
             'netnsctl.wire("a", "b", nmae="x")', 'netnsctl.nosuch', 'netnsctl.wires()[0].nosuch']
    bad.write('import netnsctl\n' + '\n'.join(lines) + '\n')
    environ = dict(os.environ, MYPYPATH=SOURCE)
    words = [sys.executable, '-m', 'mypy', '--strict', '--cache-dir=%s' % tmpdir.join('cache')]
    assert subprocess.call(words + [str(good)], env=environ) == 0
    found = run(words + [str(bad)], environ=environ).out
    assert set(int(number) for number in re.findall(r'bad.py:([0-9]+): error', found)) == set(range(2, len(lines) + 2))
