"""Bodies made to get markup through a sanitiser, or to load pictures that must not be loaded."""

import base64

from tests.fakes.web import TRACKING

HOST = TRACKING.removeprefix("https://")
GIF = "data:image/gif;base64," + base64.b64encode(b"GIF89a").decode()

# What stands in an attribute and looks like another, for whoever edits markup as text.
RESHAPED = (
    f'<img src="{GIF}" alt="a style=">url(" " onerror=alert(1) srcset={TRACKING}/o/x>',
    f"""<img src='{GIF}' alt=' style="x" onerror=alert(1) '>""",
    f"""<img src="{GIF}" alt=' style="background:url(x)"' style="color:red"><p style='color:"" onmouseover=alert(1) "'>x</p>""",
    """<p style="color:red;font-family:' style=&quot;'" title=" style=" onfocus=alert(1)>x</p>""",
    """<td align=' style="url(" ' valign='" onclick=alert(1) x="'>x</td>""",
    """<a href='https://x.test/ style="url("' style='color:red'>x</a>""",
    "<p style='color:&quot; style=&quot;url(&quot; onload=alert(1)'>x</p>",
    "<img alt='<img alt=\"' src='/app/images/01900000-0000-7000-8000-000000000001'>\"><img src=x onerror=alert(1)>",
    '<svg><style><img src="</style><img src=x onerror=alert(1)>"></style></svg>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">x</noscript>',
)
# Ways to have a picture fetched by a style.
FETCHED_BY_STYLE = (
    f"background:url({TRACKING}/o/x)",
    f"background:u\\72l({TRACKING}/o/x)",
    f"background:\\75\\72\\6c({TRACKING}/o/x)",
    f"background:ur/**/l({TRACKING}/o/x)",
    f"background:image-set('{TRACKING}/o/x' 1x)",
    f"background:-webkit-image-set(url('{TRACKING}/o/x') 1x)",
    f"background:cross-fade(url('{TRACKING}/o/x'), red)",
    f"list-style:url({TRACKING}/o/x)",
    f"list-style-image:url({TRACKING}/o/x)",
    f"content:url({TRACKING}/o/x)",
    f"color:red;border-image:url({TRACKING}/o/x) 1;width:10px",
    f"width:calc(1px);background:red url('{TRACKING}/o/x')",
    f'font-family:"a;background:url({TRACKING}/o/x);b"',
    f"color:red}}p{{background:url({TRACKING}/o/x)",
    f"background:var(--x,url({TRACKING}/o/x))",
)
# Forms of our tracking origin that browsers follow.
SPELLINGS = (
    f"{TRACKING}/o/x",
    f"{TRACKING.upper()}/o/x",
    f"http://{HOST}/o/x",
    f"{TRACKING}:443/o/x",
    f"{TRACKING}:0443/o/x",
    f"http://{HOST}:80/o/x",
    f"https://{HOST}./o/x",
    f"https://user:word@{HOST}/o/x",
    f"https://elsewhere.test@{HOST}/o/x",
    f"//{HOST}/o/x",
    f"https:/{HOST}/o/x",
    f"https:{HOST}/o/x",
    f"https:\\\\{HOST}\\o\\x",
    f"https://{HOST}\\o\\x",
    f"https:/\\{HOST}/o/x",
    f" https://{HOST}/o/x",
    f"\x01https://{HOST}/o/x",
    f"ht\ttps://{HOST}/o/x",
    f"https://{HOST[:3]}\t{HOST[3:]}/o/x",
    f"https://{HOST[:3]}\n{HOST[3:]}/o/x",
    f"https://%{ord(HOST[0]):02x}{HOST[1:]}/o/x",
    f"https://{HOST.replace('.', '。')}/o/x",
    f"https://{HOST.replace('l', 'ｌ')}/o/x",
    f"https://{HOST[:3]}\u00ad{HOST[3:]}/o/x",
    f"{TRACKING}?o/x",
    f"{TRACKING}#/o/x",
)
BODIES = (
    *RESHAPED,
    *(f'<p style="{style.replace(chr(34), "&quot;")}">x</p>' for style in FETCHED_BY_STYLE),
    *(f'<img src="{address}" alt="x">' for address in SPELLINGS),
    f'<img srcset="{TRACKING}/o/x 1x"><picture><source srcset="{TRACKING}/o/x"></picture>',
    f'<table background="{TRACKING}/o/x"><td background="{TRACKING}/o/x">x</td></table>',
    f'<input type="image" src="{TRACKING}/o/x"><video poster="{TRACKING}/o/x"></video><link rel=preload href="{TRACKING}/o/x">',
    f'<style>p{{background:url({TRACKING}/o/x)}}</style><p>x</p><svg><image href="{TRACKING}/o/x"/></svg>',
)
