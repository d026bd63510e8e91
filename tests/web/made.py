"""Made records that show what pages have to bear."""

from __future__ import annotations

from pathlib import Path

SPASE = "http://www.spase-group.org/data/schema"
RI = "http://www.ivoa.net/xml/RegistryInterface/v1.0"
VR = "http://www.ivoa.net/xml/VOResource/v1.0"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

HOSTILE = "</script><script>alert(1)</script> & \"quotes\" 'too' <b>"
"""What must never come out of a page as it went in."""


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def repository(
    path: str,
    *,
    name: str = "A repository",
    description: str = "A place where data are kept for those who need them.",
    header: str = "",
    after: str = "",
) -> str:
    """A small SPASE record of the authority MADE, valid unless what is added makes it not so."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Spase xmlns="{SPASE}">
  <Version>2.7.1</Version>
  <Repository>
    <ResourceID>spase://MADE/{path}</ResourceID>
    <NamingAuthority>MADE</NamingAuthority>
    <ResourceType>Repository</ResourceType>
    <ResourceHeader>
      <ResourceName>{escaped(name)}</ResourceName>
      <ReleaseDate>2020-02-03T04:05:06Z</ReleaseDate>
      <Description>{escaped(description)}</Description>
      <Contact>
        <PersonID>spase://PARHELION/Person/SPDF</PersonID>
        <Role>GeneralContact</Role>
      </Contact>
      {header}
    </ResourceHeader>
    <AccessURL><URL>https://example.org/</URL></AccessURL>
    {after}
  </Repository>
</Spase>
"""


def resource(ivoid: str, *, status: str = "active", title: str = "A made resource") -> str:
    """A small VOResource record."""
    return f"""<ri:Resource xmlns:ri="{RI}" xmlns:vr="{VR}" xmlns:xsi="{XSI}"
  xsi:type="vr:Resource" created="2020-01-01T00:00:00Z" updated="2020-02-01T00:00:00Z"
  status="{status}">
  <title>{title}</title>
  <identifier>{ivoid}</identifier>
  <curation><publisher>Somebody</publisher><contact><name>Anybody</name></contact></curation>
  <content><subject>tests</subject><description>Made for a test.</description>
  <referenceURL>https://example.org/</referenceURL></content>
</ri:Resource>
"""


def prior(identifier: str) -> str:
    return f"<PriorID>{identifier}</PriorID>"


LATIN = (
    repository("Repository/Latin", name="Observatoire de Besançon")
    .replace("UTF-8", "ISO-8859-1")
    .encode("latin-1")
)
"""A record in another encoding than most, with carriage returns."""
LATIN = LATIN.replace(b"\n", b"\r\n")

# PriorID stands behind the contact, as the schema has it.
RECORDS: dict[str, str | bytes] = {
    "hostile.xml": repository("Repository/Hostile", name=HOSTILE, description=HOSTILE),
    "latin.xml": LATIN,
    "renamed.xml": repository("Repository/New", header=prior("spase://MADE/Repository/Old")),
    "first.xml": repository("Repository/First", header=prior("spase://MADE/Repository/Both")),
    "second.xml": repository("Repository/Second", header=prior("spase://MADE/Repository/Both")),
    "space.xml": repository("Repository/With space", name="With a space"),
    "odd.xml": repository("Repository/100%?a=b#c;d", name="With odd characters"),
    "plain.xml": repository("Repository/Plain", name="The plain one"),
    "suffix.xml": repository("Repository/Plain.xml", name="The one whose name has a suffix"),
    "invalid.xml": repository("Repository/Invalid", after="<NoSuchElement>here</NoSuchElement>"),
    "script.xml": repository(
        "Repository/Script",
        header="<InformationURL><Name>Do not press</Name>"
        "<URL>javascript:alert(1)</URL></InformationURL>",
    ),
    "comment.xml": repository(
        "Repository/Comment", after="<!-- said aside --><Language>en</Language>"
    ),
    "deleted.xml": resource("ivo://made.example/gone", status="deleted", title="What was"),
    "inactive.xml": resource("ivo://made.example/tired", status="inactive"),
    "capital.xml": resource("ivo://Made.Example/Capital", title="In capital letters"),
}
VANISHING = repository("Repository/Vanished", name="Here today")


def write(folder: Path) -> None:
    folder.mkdir()
    for name, content in RECORDS.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
    (folder / "vanishing.xml").write_text(VANISHING, "utf-8")
