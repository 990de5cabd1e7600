"""Small drawings of the page, as inline SVG that follows the page's colours."""

from __future__ import annotations

#: How to film: the whole body from the side, phone still and at hip to chest height.
FILMING = """
<svg viewBox="0 0 320 200" role="img" aria-label="A phone on a stand films a worker
from the side, at hip to chest height">
  <path class="floor" d="M12 178H308"/>
  <rect class="band" x="30" y="82" width="246" height="38" rx="4"/>
  <path class="sight" d="M250 101L64 30M250 101L64 174"/>
  <g class="frame"><path d="M56 34V24h10M150 24h10v10M160 168v10h-10M66 178H56v-10"/></g>
  <g class="worker">
    <circle cx="117" cy="47" r="11"/>
    <path d="M111 64C104 78 99 92 96 108"/>
    <path d="M96 108L113 139L104 174L116 175"/>
    <path d="M96 108L101 140L88 173L100 175"/>
    <path d="M110 68L122 94L142 100"/>
    <rect x="136" y="86" width="24" height="21" rx="2"/>
  </g>
  <g class="phone"><rect x="250" y="86" width="13" height="27" rx="3"/>
    <path d="M256.5 113V146M256.5 146L246 178M256.5 146L267 178"/></g>
</svg>
""".strip()

#: The mark beside the name: an angle between two limbs.
MARK = """
<svg viewBox="0 0 32 32" aria-hidden="true"><path d="M9 27V15L22 6"/>
<path class="arc" d="M9 9.5A5.5 5.5 0 0 1 13.7 12"/>
<circle cx="9" cy="15" r="2.4"/></svg>
""".strip()
