"""Names of two people, or of a family, in one field ("Geoffrey & Nancy"): they give no given name of one person."""

# Words between two names; short ones are part of family names or given names, too (Ortega y Gasset)
_CONNECTORS = r"&|\+|and|und|et|og|och|oraz|plus|with|w/|u\."
_SHORT_CONNECTORS = "y|e|i|en|ja|es|si|ta|un|ve|kai|ke"
_TITLES = r"mr|mister|herr|hr|m|monsieur|sr|senor|sig|signor|dhr|pan"
_HER_TITLES = r"mrs|ms|miss|frau|fru|fr|mme|madame|sra|senora|sig\.?ra|signora|mevr|mevrouw|pani"
_FAMILIES = (
    "family|fam|familie|familien|familjen|famille|famiglia|familia|rodzina|rodina|csalad|perhe|semya|ailesi|household|"
    "haushalt|eheleute|ehepaar|geschwister|coniugi|panstwo|manzele"
)
# after a comma in the field of the given name: no second person
_HONOURS = "jr|jnr|snr|sr|ii|iii|iv|phd|md|mba|esq|dr|prof|mr|mrs|ms|miss|von|van|de|della|di"

_BETWEEN = rf"[a-z.]\s*(&|\+)\s*[a-z]|[a-z.]\s+({_CONNECTORS})\s+[a-z]"
_COUPLE = rf"\b({_TITLES})\.?\s*({_CONNECTORS}|{_SHORT_CONNECTORS}|/)\s*({_HER_TITLES})\b"
_COUPLE_TURNED = rf"\b({_HER_TITLES})\.?\s*({_CONNECTORS}|{_SHORT_CONNECTORS}|/)\s*({_TITLES})\b"
_ANY = rf"{_BETWEEN}|{_COUPLE}|{_COUPLE_TURNED}|\b({_FAMILIES})\b"

JOINT_WORDS = (*_CONNECTORS.replace("\\", "").replace(".", "").split("|"), *_FAMILIES.split("|"))


def is_joint_given_name(given_name: str) -> str:
    """SQL that is true when a given name in lower case Latin letters names two people or a family."""
    signs, listed = r"[a-z]{3}\s*[/;|]\s*[a-z]{3}", r"^[a-z-]{3,}\s*,\s*[a-z-]{3,}"
    between = rf"[a-z]\s+({_SHORT_CONNECTORS}|''?n''?)\s+[a-z]|^the$"
    return f"""coalesce(
        regexp_matches({given_name}, '{_ANY}|{signs}|{between}')
        or (regexp_matches({given_name}, '{listed}') and not regexp_matches({given_name}, ',\\s*({_HONOURS})\\b')),
        false)"""


def is_joint_full_name(full_name: str) -> str:
    """SQL that is true when a full name in lower case Latin letters names two people or a family."""
    # a short connector is one only between two given names: Ana y Luis Ortega; "The Millers" are a family
    between = rf"^[a-z]+\s+({_SHORT_CONNECTORS}|''?n''?)\s+[a-z]+\s+[a-z]|^the\s+[a-z]+s$"
    return f"coalesce(regexp_matches({full_name}, '{_ANY}|{between}'), false)"


def last_name_of_joint(full_name: str) -> str:
    """SQL of the text of a joint full name that has its family name: what follows the last connector or title."""
    words = rf"and|und|et|og|och|oraz|plus|with|w/|u\.|{_SHORT_CONNECTORS}"
    return rf"regexp_extract({full_name}, '^(.*[\s&+]({words})\s|.*[&+]|the\s)?(.*)$', 3)"
