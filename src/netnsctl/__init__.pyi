"""The types of `import netnsctl`, for type checkers: the program itself runs on Pythons without annotations."""
from typing import Any, Dict, FrozenSet, List, Optional, Set, Tuple, TypeVar, Union

from . import errors as errors
from .errors import NetnsctlError

__version__: str
__all__ = ['check', 'confirm', 'down', 'errors', 'namespaces', 'save', 'shape', 'unwire', 'up', 'wire', 'wires']

class _Wire:
    """A recorded wire, compared with the kernel. state: 'whole', 'lost', 'altered' or 'half'. made: seconds since the
    epoch. seconds_left: until it is undone unless it is confirmed. origin: what asked for it."""
    name: str
    state: str
    remarks: List[str]
    backend: str
    made: float
    ends: List[Dict[str, Any]]
    seconds_left: Optional[int]
    origin: Optional[Dict[str, str]]
    def to_json(self) -> Dict[str, Any]: ...

class _Probe:
    """One echo. size: of the IP packet in bytes. seconds: round trip."""
    source: str
    target: str
    source_address: str
    address: str
    size: int
    arrived: bool
    answered: bool
    seconds: Optional[float]
    error: Optional[str]
    def to_json(self) -> Dict[str, Any]: ...

class _Cause:
    """Why a check failed. code: one word, stable."""
    code: str
    text: str
    hint: Optional[str]
    def to_json(self) -> Dict[str, Any]: ...

class _Report:
    """What a check found."""
    ok: bool
    probes: Tuple[_Probe, ...]
    causes: Tuple[_Cause, ...]
    untested: Tuple[str, ...]
    def to_json(self) -> Dict[str, Any]: ...

class _Summary:
    """What became of the tree's wires."""
    made: List[str]
    changed: List[str]
    live: List[str]
    same: List[str]
    gone: List[str]
    removed: List[str]
    failed: List[Tuple[str, NetnsctlError]]
    interrupted: Optional[BaseException]
    @property
    def exit_code(self) -> int: ...

_Named = Union[str, _Wire]
_T = TypeVar('_T')
_Several = Union[_T, List[_T], Tuple[_T, ...], Set[_T], FrozenSet[_T]]

def wire(a: str, b: str, *, name: Optional[str] = ..., mtu: Union[int, str, None] = ..., backend: str = ...,
         check: bool = ..., replace: bool = ..., force: bool = ..., pool: Optional[str] = ...,
         save: bool = ..., open: bool = ..., confirm: Union[int, str, None] = ...) -> _Wire: ...
def confirm(name: _Named) -> bool: ...
def unwire(name: _Named, peer: Optional[str] = ...) -> bool: ...
def wires(*, matching: Optional[str] = ...) -> List[_Wire]: ...
def check(name: _Named, *, to: Optional[str] = ...) -> _Report: ...
def shape(name: _Named, end: str, *, rate: Optional[str] = ..., burst: Optional[str] = ...,
          delay: Optional[str] = ..., jitter: Optional[str] = ..., loss: Optional[str] = ...,
          save: bool = ...) -> _Wire: ...
def save(names: Optional[_Several[_Named]] = ...) -> List[Tuple[str, Optional[str]]]: ...
def up(spaces: Optional[_Several[str]] = ..., *, compose: Optional[str] = ...,
       project: Optional[str] = ...) -> _Summary: ...
def down(spaces: Optional[_Several[str]] = ..., *, compose: Optional[str] = ...,
       project: Optional[str] = ...) -> _Summary: ...
def namespaces() -> List[str]: ...
