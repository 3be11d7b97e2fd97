"""Names of two people, or of a family, in one field ("Geoffrey & Nancy"): they give no given name of one person."""

# Words between two names; those of one letter are part of family names, too (Ortega y Gasset)
_CONNECTORS = r"&|\+|and|und|et|og|och|oraz|plus|u\."
_SHORT_CONNECTORS = "y|e|i|en|ja"
_TITLES = r"mr|mister|herr|hr|m|monsieur|sr|senor|sig|signor|dhr|pan"
_HER_TITLES = r"mrs|ms|miss|frau|fr|mme|madame|sra|senora|sig\.?ra|signora|mevr|mevrouw|pani"
_FAMILIES = "family|familie|famille|famiglia|familia|rodzina|household|haushalt|eheleute|ehepaar"

_BETWEEN = rf"[a-z.]\s*(&|\+)\s*[a-z]|[a-z.]\s+({_CONNECTORS})\s+[a-z]"
_COUPLE = rf"\b({_TITLES})\.?\s*({_CONNECTORS}|{_SHORT_CONNECTORS}|/)\s*({_HER_TITLES})\b"
_COUPLE_TURNED = rf"\b({_HER_TITLES})\.?\s*({_CONNECTORS}|{_SHORT_CONNECTORS}|/)\s*({_TITLES})\b"
_ANY = rf"{_BETWEEN}|{_COUPLE}|{_COUPLE_TURNED}|\b({_FAMILIES})\b"

JOINT_WORDS = (*_CONNECTORS.replace("\\", "").replace(".", "").split("|"), *_FAMILIES.split("|"))


def is_joint_given_name(given_name: str) -> str:
    """SQL that is true when a given name in lower case Latin letters names two people or a family."""
    slashed = r"[a-z]{3}\s*/\s*[a-z]{3}"
    return rf"coalesce(regexp_matches({given_name}, '{_ANY}|{slashed}|[a-z]\s+({_SHORT_CONNECTORS})\s+[a-z]'), false)"


def is_joint_full_name(full_name: str) -> str:
    """SQL that is true when a full name in lower case Latin letters names two people or a family."""
    # a short connector is one only between two given names: Ana y Luis Ortega
    return rf"coalesce(regexp_matches({full_name}, '{_ANY}|^[a-z]+\s+({_SHORT_CONNECTORS})\s+[a-z]+\s+[a-z]'), false)"


def last_name_of_joint(full_name: str) -> str:
    """SQL of the text of a joint full name that has its family name: what follows the last connector or title."""
    return rf"regexp_extract({full_name}, '^(.*[\s&+](and|und|et|og|och|oraz|plus|u\.|y|e|i|en|ja)\s|.*[&+])?(.*)$', 3)"
