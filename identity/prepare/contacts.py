"""E-mails and phones in their comparison forms: SQL on the columns of one record."""


def each_of(column: str, form: str) -> str:
    """SQL of the distinct, sorted values of a list column after `form`, SQL of the element x; nulls are left out."""
    made = f"list_filter(list_transform({column}, lambda x: {form}), lambda x: x is not null)"
    return f"list_sort(list_distinct({made}))"


def canonical_email(value: str) -> str:
    """SQL that gives the mailbox of an e-mail address: no plus-tag, and no dots where the provider ignores them."""
    user = f"split_part(split_part(lower({value}), '@', 1), '+', 1)"
    domain = f"replace(split_part(lower({value}), '@', 2), 'googlemail.com', 'gmail.com')"
    dotless = f"if({domain} = 'gmail.com', replace({user}, '.', ''), {user})"
    return f"if(strpos({value}, '@') > 1, {dotless} || '@' || {domain}, null)"


def canonical_phone(value: str) -> str:
    """SQL that gives the digits of a phone number without leading zeros and extension; null when there are too few."""
    within = rf"regexp_replace(lower({value}), '\s*(;?\s*ext(n|ension)?[.:=]?|x|#|durchwahl|poste)\s*[0-9]+\s*$', '')"
    # +49 (0)170: the zero in brackets is dialled at home alone
    abroad = rf"regexp_replace({within}, '^(\s*(\+|00)[\s0-9.-]*)\(0\)', '\1')"
    # +54 9 11 calls from abroad the mobile that is 11 15 at home: the nine is no part of the number
    digits = rf"regexp_replace(ltrim(regexp_replace({abroad}, '[^0-9]', '', 'g'), '0'), '^549([0-9]{{10}})$', '54\1')"
    return f"if(length({digits}) >= 6, {digits}, null)"


def canonical_number(value: str, identifier_type: str = "") -> str:
    """SQL that gives a strong identifier without blanks, hyphens and the leading zeros that a spreadsheet drops."""
    if identifier_type == "other_identifier":
        type_word = f"split_part({value}, ':', 1)"
        return f"{type_word} || ':' || {canonical_number(f'substr({value}, length({type_word}) + 2)')}"
    compact = rf"regexp_replace({value}, '[\s\p{{Z}}-]+', '', 'g')"
    # a loyalty number is typed off a card; in fingerprints and ids of systems the case may count
    compact = f"upper({compact})" if identifier_type == "loyalty_number" else compact
    return f"if(regexp_full_match({compact}, '0+[0-9]*[1-9][0-9]*'), ltrim({compact}, '0'), nullif({compact}, ''))"


# Words of the record's own name that its mailbox may contain; shorter ones occur in any word
OWN_WORDS = """
    list_distinct(list_filter(
        list_concat(list_concat(given_tokens, family_tokens), coalesce(given_roots, [])), lambda w: length(w) >= 3))
"""
# a namesake has the same user by the same habit; what it contains besides the own name was chosen, and few choose alike
_DISTINCT_USER = """
    if(length(regexp_replace(
        list_reduce(list_prepend(split_part(x, '@', 1), own_words), lambda user, word: replace(user, word, '')),
        '[^a-z0-9]', '', 'g')) >= 2, split_part(x, '@', 1), null)
"""
_NAMES_PERSON = "len(list_filter(own_words, lambda w: contains(split_part(x, '@', 1), w))) > 0"


# Runs of four letters: two mailboxes of one person mostly share a name or a part of it. The letters of a mailbox come
# first, on their own: inside of the inner lambda they would be found again for each run
_FURTHER_GRAMS = f"""
    flatten(list_transform(
        list_transform(
            list_filter(emails, lambda x: not ({_NAMES_PERSON})),
            lambda x: regexp_replace(split_part(x, '@', 1), '[^a-z]', '', 'g')),
        lambda letters: list_transform(range(1, length(letters) - 2), lambda i: substr(letters, i, 4))))
"""


def mailbox_forms() -> str:
    """SQL of the columns of `features` that describe its e-mails: whose mailbox each is, and what it is made of."""
    return f"""
        list_filter(narrow_emails, lambda x: not {is_family_mailbox("x")}) as own_emails,
        {each_of("emails", _DISTINCT_USER)} as email_users,
        len(list_filter(emails, lambda x: {_NAMES_PERSON})) > 0 as is_mailbox_named,
        {each_of(_FURTHER_GRAMS, "x")} as email_grams
    """


def is_family_mailbox(email: str) -> str:
    """SQL that is true when an e-mail names a household or an office, in the languages of the name lists."""
    user = f"split_part({email}, '@', 1)"
    return f"""(
        regexp_matches({user}, 'home|famil')
        or regexp_matches({user}, '(^|[^a-z])(the|we|haus|casa|maison|office|info|mail|kontakt|contact)([^a-z]|$)'))"""
