"""Names as compared: the SQL from the given and family words of each record, prefixes and initials considered."""

_SPELT_OUT = "case w when 'st' then 'saint' when 'sankt' then 'saint' when 'ste' then 'sainte' else w end"

# "Jan Willem van den" Berg: the prefix in a full name is no given name; "JW" are two initials
FORMS_SQL = f"""
with spelt_out as (
    select
        record,
        given_words[:1] || list_filter(given_words[2:], lambda w: not list_contains($particles, w)) as given_words,
        list_filter(given_words[2:], lambda w: list_contains($particles, w)) as prefixes,
        list_transform(family_words, lambda w: {_SPELT_OUT}) as family_words,
        list_filter(
            list_transform(family_words, lambda w: {_SPELT_OUT}),
            lambda w, i: not list_contains($particles, w)
                and not (list_contains($leading, w) and i < len(family_words))) as without_prefixes,
        further,
        list_distinct(joint_names) as joint_names
    from name_words
),

kept as (
    select
        * replace (if(len(without_prefixes) = 0, family_words, without_prefixes) as without_prefixes),
        regexp_full_match(given_words[1], '[bcdfghjklmnpqrstvwxz]{{2,3}}') and given_words[1] <> 'st' as is_initials
    from spelt_out
),

forms as (
    select
        record,
        if(is_initials, left(given_words[1], 1), given_words[1]) as given_name,
        nullif(array_to_string(given_words, ''), '') as given_joined,
        nullif(array_to_string(without_prefixes, ' '), '') as family_name,
        nullif(array_to_string(prefixes || family_words, ''), '') as family_joined,
        list_sort(list_distinct(given_words)) as given_tokens,
        list_sort(list_distinct(list_filter(without_prefixes, lambda w: length(w) > 1))) as family_tokens,
        list_sort(list_distinct(list_filter(further, lambda w: length(w) > 1))) as further_names,
        list_sort(joint_names) as joint_names
    from kept
)

select
    forms.*,
    coalesce(nickname_roots.roots, [forms.given_name]) as given_roots,
    nickname_roots.roots is not null or coalesce(word_roles.given_count, 0) >= $usual as is_usual_given
from forms
left join nickname_roots on forms.given_name = nickname_roots.name
left join word_roles on forms.given_name = word_roles.word
"""
