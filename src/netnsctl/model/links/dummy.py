"""dummy: a link that leads nowhere, for addresses of a namespace's own."""
from __future__ import absolute_import, division, print_function

from netnsctl.model.links import Kind

kind = Kind('dummy', is_alone=True, usual_mtu=1500)
