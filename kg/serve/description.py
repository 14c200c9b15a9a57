"""The service description of the endpoint (SPARQL 1.1 Service Description), as a query that makes it. Pure."""

from __future__ import annotations

import re

from kg.serve.wire import Refused

_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_FORMATS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
    "Turtle", "N-Triples", "JSON-LD", "RDF_XML",
)  # fmt: skip


def endpoint(scheme: str, host: str, root: str) -> str:
    """The address of the endpoint as the client knows it. Raises Refused for a Host that is none."""
    if not _HOST.fullmatch(host):
        raise Refused(400, "the Host header is no host")
    return f"{scheme}://{host}{root}/sparql"


def service(address: str) -> str:
    """A CONSTRUCT whose answer describes the endpoint at `address`, an IRI."""
    formats = " , ".join(f"<http://www.w3.org/ns/formats/{name}>" for name in _FORMATS)
    return f"""
        PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
        CONSTRUCT {{
            <{address}> a sd:Service ;
                sd:endpoint <{address}> ;
                sd:supportedLanguage sd:SPARQL11Query ;
                sd:resultFormat {formats} ;
                sd:extensionFunction ?matches ;
                sd:defaultDataset <{address}#dataset> .
            ?matches a sd:Function .
            <{address}#dataset> a sd:Dataset ; sd:defaultGraph <{address}#graph> .
            <{address}#graph> a sd:Graph .
        }} WHERE {{ BIND(IRI(CONCAT(STR(kg:), "matches")) AS ?matches) }}
    """
