"""What headings mean, by their letters alone, in the languages of many exports."""

import re
from typing import Final

# Whose a name, an address or a contact is, before the word for it.
_PERSON = (
    "person|contact|customer|client|consumer|member|subscriber|invitee|attendee|guest|buyer|payer|recipient|lead|"
    "patient|student|donor|requester|respondent|reviewer|traveller|passenger|shopper|profile|applicant|kunden?|"
    "mitglieds?|cliente|klant"
)
QUALIFIERS: Final = re.compile(rf"({_PERSON}|primary|default|billing|mailing|postal(?!code)|home|address(?!es))(?=.)")
# Objects around such a word that are about the person too, or about nothing.
AROUND: Final = re.compile(
    rf"({_PERSON}|user)s?|(billing|default|customer)?(address(es)?|details)|billing|name|data|attributes|properties|"
    r"fields|record|identity|traits|mergefields|person(al)?data"
)
# Before a contact: that of somebody who serves the customer.
OF_STAFF: Final = re.compile(
    r"(owner|agent|assignee|assigned(to)?|rep(?!orter)|manager|staff|employee|seller|advisor|reply(to)?|support|"
    r"store|branch|shop(?!per)|createdby|updatedby|modifiedby|lastmodifiedby|referr?(er|ed(by)?))"
)
# Before a contact: that of either side, as of a call or payment.
OF_EITHER: Final = re.compile(
    r"(from|to|sender|users?|caller|callee|receiver)((e?mail|phone|mobile|tel|number|address).*)?"
)
OF_THING: Final = re.compile(r"(card|bank|issuer|issuing|ip|origin|store|shop(?!per)|shipping|product|company|account)")

# Of which kind a contact is, or which of several.
_ORDINAL = r"primary|other|secondary|second|alternat(e|ive)|additional"
_PLACE = r"home|work|private?|personal|business|office|beruflich|geschaftlich|dienstlich"
_DEVICE = r"mobile?|movil|portable|fixe|fijo"
_LAST = r"numbers?|nummer|nr|no|num|value|\d"
CONTACTS: Final = {
    "emails": (
        rf"({_ORDINAL}|{_PLACE}|mobile?|smtp)*"
        rf"(e?mails?(address(es)?|adress(e|en)?|addr|{_ORDINAL}|{_PLACE}|{_LAST})*|courriel|correo(electronico)?|epost)"
    ),
    "phones": (
        rf"({_ORDINAL}|{_PLACE}|{_DEVICE})*"
        r"(telephone|telefono?s?|phone|mobile?|movil|celular|whatsapp|telf?|cell|handy|gsm|puhelin)+"
        rf"({_ORDINAL}|{_PLACE}|{_DEVICE}|{_LAST})*"
    ),
}
# A contact of which another word says whose it is: that of the person where there is no other.
CONTACTS_OF_SOMEBODY: Final = {
    "emails": r".*e?mails?(address(es)?)?\d*",
    "phones": r".*(phone|mobile?|telefono?|movil|celular)(numbers?|nummer|nr|no)?\d*",
}
NAMES: Final = {
    "given_name": (
        r"(first|given|fore)names?|fname|vornamen?|prenom|voornaam|primeironome|nombredepila|imie|fornavn|fornamn|"
        r"etunimi"
    ),
    "family_name": (
        r"(last|family|sur)names?|lname|nachname|familienname|nomdefamille|apellidos?|cognome|achternaam|sobrenome|"
        r"nazwisko|efternavn|efternamn|etternavn|sukunimi"
    ),
    "middle_name": r"middlenames?|mname",
    "full_name": r"((full|voll|display|whole)?name1?|nom(bre)?complet[oe]?|nomecompleto)s?",
}
ONE_NAME: Final = re.compile(r"name|nom|naam|nome|nombre|navn|namn")  # the other one, beside a given or family name
VALUES: Final = {
    "date_of_birth": (
        r"birth(day|date)?|dateofbirth|dob|geburts(tag|datum)|geboren|datedenaissance|fechadenacimiento|datadinascita|"
        r"datadenascimento|geboortedatum|dataurodzenia|fodselsdato|fodelsedatum"
    ),
    "preferred_language": r"(preferred)?(language|locale|lang)|sprache|langue|idioma",
    "loyalty_numbers": r"loyalty(card)?(number|no|id)|(kunden|club|bonus)karten?(nummer|nr)?",
    "shop_customer_ids": r"(shop|shopify|store)customer(id|number)",
}
# Parts of an address, after words for which of several it is.
ADDRESS: Final = {
    "address_line": (
        r"streetaddress|street(line)?1?|address(line)?1?2?|addressstreet|line1|strasse|stras|adresse?|anschrift|"
        r"direccion|indirizzo|rue|calle|via|morada|straat|ulica|vej|gata"
    ),
    "postcode": (
        r"postcode|postalcode|zipcode|zip|zippostalcode|plz|postleitzahl|codepostal|codigopostal|pstlz|cap|"
        r"kodpocztowy|postnr|postnummer"
    ),
    "city": (
        r"city|town|ort(01)?|wohnort|stadt|ville|ciudad|citta|cidade|woonplaats|plaats|localidade?|poblacion|comune|"
        r"miasto|postort"
    ),
    "country": r"country(code)?|countryregion|land1?|pays|pais|paese|kraj",
    "region": r"(region|state|state(or)?(province|region)|province|county)(code|name)?|bundesland|kanton|provincia",
}
