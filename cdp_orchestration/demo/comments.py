"""What customers write with an answer or a rating: no two put it in the same words, and some mix praise and blame.

A comment is put together of a sentence about what happened, of clauses in which something (a delivery, the staff) is
praised or blamed, of what people say first and last, and of what says nothing of their mood. The words draw from their
own dice, so that more or fewer of them change nothing else of the demo.
"""

from cdp_orchestration.demo.dice import Dice

# language: what is praised or blamed
ASPECTS = {
    "en": "The delivery;The service;The staff;The quality;The website;The packaging;My last order;The checkout;The "
    "whole experience;The advice in the store",
    "de": "Die Lieferung;Der Service;Das Personal;Die Qualität;Die Webseite;Die Verpackung;Meine letzte Bestellung;Die "
    "Beratung;Der ganze Einkauf",
    "fr": "La livraison;Le service;Le personnel;La qualité;Le site;L’emballage;Ma dernière commande;Le conseil en "
    "magasin",
    "it": "La consegna;Il servizio;Il personale;La qualità;Il sito;L’imballaggio;Il mio ultimo ordine",
    "es": "La entrega;El servicio;El personal;La calidad;La página;El embalaje;Mi último pedido",
    "pl": "Dostawa;Obsługa;Jakość;Strona;Opakowanie;Moje zamówienie",
}  # fmt: skip

# how it went: language: what is said of it
JUDGEMENTS = {
    "good": {
        "en": "was excellent;exceeded my expectations;was quick and friendly;could not be better;was really "
        "helpful;worked perfectly;made me very happy;was better than anywhere else;is always a pleasure",
        "de": "war ausgezeichnet;hat meine Erwartungen übertroffen;war schnell und freundlich;könnte nicht besser "
        "sein;hat wunderbar geklappt;hat mich sehr gefreut;ist immer wieder toll",
        "fr": "a dépassé mes attentes;mérite dix sur dix;fonctionne parfaitement;reste un vrai plaisir;m’a ravie;ne "
        "pourrait pas être mieux",
        "it": "ha superato le mie aspettative;merita dieci su dieci;funziona benissimo;è sempre un piacere;mi ha "
        "fatto felice",
        "es": "superó mis expectativas;fue un placer;funciona de maravilla;merece un diez;me dejó muy contenta",
        "pl": "działa bez zarzutu;zasługuje na pochwałę;to czysta przyjemność;przerosła moje oczekiwania",
    },
    "bad": {
        "en": "was a disappointment;took far too long;did not meet my expectations;was terrible;cost me a whole "
        "afternoon;was worse than last year;made me really angry;is not worth the price;was a complete mess",
        "de": "war eine Enttäuschung;hat viel zu lange gedauert;war schrecklich;hat mich sehr geärgert;ist den Preis "
        "nicht wert;war ein einziges Durcheinander;wird immer schlechter",
        "fr": "laisse vraiment à désirer;a pris beaucoup trop de temps;m’a beaucoup déçue;ne vaut pas le prix;a été un "
        "désastre;m’a mise en colère",
        "it": "lascia molto a desiderare;mi ha fatto perdere tempo;è stato un disastro;non vale il prezzo;mi ha deluso",
        "es": "deja mucho que desear;fue un desastre;tardó demasiado;no vale lo que cuesta;me hizo perder la tarde",
        "pl": "pozostawia wiele do życzenia;to porażka;trwa zdecydowanie za długo;nie jest warta swojej ceny",
    },
    "fair": {
        "en": "was okay;was as expected;could be a little better;was average",
        "de": "war in Ordnung;war wie erwartet;könnte etwas besser sein",
        "fr": "était comme prévu;reste dans la moyenne;pourrait être un peu mieux",
        "it": "è nella media;va bene così", "es": "fue normal;está en la media", "pl": "jest w porządku",
    },
}  # fmt: skip

# how it went: language: what people say first or last
EXCLAMATIONS = {
    "good": {
        "en": "Thank you!;Very happy.;I will be back.;Highly recommended.;Great shop.;Keep it up!",
        "de": "Vielen Dank!;Sehr zufrieden.;Gerne wieder.;Sehr zu empfehlen.;Weiter so!",
        "fr": "Merci beaucoup !;Très contente.;Je recommande.;Je reviendrai.",
        "it": "Grazie mille!;Molto contenta.;Consigliatissimo.", "es": "¡Muchas gracias!;Muy contenta.;Recomendable.",
        "pl": "Dziękuję!;Polecam.;Jestem bardzo zadowolona.",
    },
    "bad": {
        "en": "Never again.;Very disappointed.;I want my money back.;What a pity.;I will shop elsewhere.;Unacceptable.",
        "de": "Nie wieder.;Sehr enttäuscht.;Ich möchte mein Geld zurück.;Wirklich schade.;So geht das nicht.",
        "fr": "Plus jamais.;Très déçue.;Je veux être remboursée.;C’est inadmissible.",
        "it": "Mai più.;Molto delusa.;Vergognoso.", "es": "Nunca más.;Muy decepcionada.;Inaceptable.",
        "pl": "Nigdy więcej.;Jestem rozczarowana.;Szkoda słów.",
    },
}  # fmt: skip

# language: what says nothing of a mood
ASIDES = {
    "en": "It was a present for my sister.;I have been a customer for years.;I ordered two of them.;I usually buy in "
    "the store.;This was my first order.;I ordered on a Sunday evening.",
    "de": "Es war ein Geschenk für meine Schwester.;Ich bin seit Jahren Kunde.;Das war meine erste Bestellung.;Sonst "
    "kaufe ich im Laden.",
    "fr": "C’était un cadeau pour ma sœur.;Je suis cliente depuis des années.;C’était ma première commande.",
    "it": "Era un regalo per mia sorella.;Sono cliente da anni.;Era il mio primo ordine.",
    "es": "Era un regalo para mi hermana.;Soy clienta desde hace años.;Era mi primer pedido.",
    "pl": "To był prezent dla siostry.;Kupuję tu od lat.;To było moje pierwsze zamówienie.",
}  # fmt: skip
# how patient somebody is who asks for help: language: what is added to the question
PATIENCE = {
    "polite": {
        "en": "Thanks in advance!;Many thanks for your help.;There is no hurry.;Have a nice day!",
        "de": "Vielen Dank im Voraus!;Danke für Ihre Hilfe.;Es eilt nicht.",
        "fr": "Merci d’avance !;Merci pour votre aide.", "it": "Grazie in anticipo!;Grazie per l’aiuto.",
        "es": "¡Gracias de antemano!;Gracias por la ayuda.", "pl": "Z góry dziękuję!",
    },
    "angry": {
        "en": "This is unacceptable.;I have written twice already without an answer.;I am losing patience.;I want to "
        "speak to a manager.",
        "de": "Das ist inakzeptabel.;Ich habe schon zweimal geschrieben, niemand antwortet.;Meine Geduld ist am Ende.",
        "fr": "C’est inadmissible.;J’ai déjà écrit deux fois sans réponse.", "it": "È inaccettabile.;Nessuno risponde.",
        "es": "Es inaceptable.;Ya escribí dos veces y nadie contesta.", "pl": "To niedopuszczalne.;Nikt nie odpowiada.",
    },
}  # fmt: skip
OPPOSITE = {"good": "bad", "bad": "good"}


def tone_of(mood: float) -> str:
    """Return the word for a mood between 0 (worst) and 1 (best)."""
    return "bad" if mood < 0.4 else "good" if mood > 0.7 else "fair"


def written_comment(dice: Dice, happened: str, mood: float, language: str) -> str:
    """Return a comment in the customer's own words.

    Args:
        dice: the dice of this comment alone.
        happened: a sentence about what happened, which many customers write in these words.
        mood: between 0 (worst) and 1 (best).
        language: of the customer; one without clauses has that sentence alone.
    """
    tone = tone_of(mood)
    if language not in ASPECTS or dice.chance(0.15):
        return happened
    parts = [happened] if dice.chance(0.35) else []
    tones = [tone] * dice.pick((1, 1, 2))
    if tone in OPPOSITE and dice.chance(0.2):
        tones.append(OPPOSITE[tone])
    # no customer praises and blames the same thing
    aspects = dice.sample(ASPECTS[language].split(";"), len(tones))
    for aspect, said in zip(aspects, tones, strict=True):
        parts.append(f"{aspect} {dice.pick(JUDGEMENTS[said][language].split(';'))}.")
    if dice.chance(0.4):
        parts.append(dice.pick(ASIDES[language].split(";")))
    dice.shuffle(parts)
    if tone in EXCLAMATIONS and dice.chance(0.4):
        parts.insert(dice.pick((0, len(parts))), dice.pick(EXCLAMATIONS[tone][language].split(";")))
    return " ".join(parts)


def with_patience(dice: Dice, text: str, mood: float, language: str) -> str:
    """Return what somebody asks, with what the mood of the moment adds to it; the dice are of this text alone."""
    manner = "angry" if mood < 0.3 else "polite" if mood > 0.5 else ""
    if not manner or language not in PATIENCE[manner] or dice.chance(0.35):
        return text
    return f"{text} {dice.pick(PATIENCE[manner][language].split(';'))}"
