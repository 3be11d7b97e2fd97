"""What customers write to the support desk and into surveys, by topic and language.

``{product}``, ``{order}``, ``{days}`` and ``{city}`` are filled in.
"""

from dataclasses import dataclass
from functools import cache

from cdp_orchestration.demo.comments import tone_of, with_patience, written_comment
from cdp_orchestration.demo.dice import Dice

# topic: language: subject | what is written ; the next one
TICKETS = {
    "late": {
        "en": "Where is my parcel?|I ordered the {product} {days} days ago and it still has not arrived. Tracking has "
        "not moved since Monday.;Late delivery of order {order}|You promised next-day delivery. It is now day {days} "
        "and nobody can tell me where the parcel is.;Parcel not delivered|The courier says delivered, but there is "
        "nothing here and none of the neighbours has it. Please help.;Still waiting|This was a birthday present. "
        "{days} days late now, and the chat just keeps sending me in circles.",
        "de": "Wo bleibt mein Paket?|Ich warte seit {days} Tagen auf meine Bestellung {order}. Die Sendungsverfolgung "
        "zeigt nichts Neues.;Lieferung verspätet|{product} sollte letzte Woche kommen. Leider ist bis heute nichts da.",
        "fr": "Colis en retard|J’ai commandé {product} il y a {days} jours et je n’ai toujours rien reçu.;Où est mon "
        "colis ?|Le suivi de la commande {order} ne bouge plus. Pouvez-vous vérifier ?",
        "it": "Pacco in ritardo|Ho ordinato {product} {days} giorni fa e non è ancora arrivato. Che succede?",
        "es": "Pedido retrasado|Hace {days} días que espero el pedido {order}. ¿Dónde está mi paquete?",
        "pl": "Opóźniona paczka|Czekam już {days} dni na zamówienie {order}. Kiedy dotrze?",
        "sv": "Försenat paket|Min beställning {order} är {days} dagar sen. Var är den?",
        "el": "Καθυστέρηση παράδοσης|Περιμένω την παραγγελία {order} εδώ και {days} ημέρες.",
    },
    "defect": {
        "en": "{product} arrived broken|I opened the box and the {product} is cracked. The packaging was far too "
        "thin.;Faulty {product}|It fell apart after {days} days. I expected better quality for this price.;Wrong "
        "item received|I ordered the {product} and got something else altogether. How do I send it back?",
        "de": "{product} defekt|Nach {days} Tagen ist der Artikel kaputt. Sehr ärgerlich.;Ware "
        "beschädigt|{product} kam mit einem Riss an. Ich bitte um Ersatz.",
        "fr": "Produit défectueux|{product} s’est abîmé après {days} jours. Je suis très déçue.",
        "it": "Prodotto difettoso|{product} si è rotto dopo {days} giorni. Vorrei la sostituzione.",
        "es": "Producto defectuoso|{product} llegó roto y la caja estaba abierta. Quiero un cambio.",
        "pl": "Uszkodzony towar|{product} przyszedł pęknięty. Proszę o wymianę.",
    },
    "repair": {
        "en": "Repair of my {product}|My {product} needs a repair under guarantee. It makes a grinding noise.;How "
        "long does the repair take?|I handed the {product} in at the {city} store {days} days ago and have heard "
        "nothing since.;Repaired but still broken|The {product} came back from the workshop with the same fault as "
        "before.",
        "de": "Reparatur {product}|Mein Gerät ist seit {days} Tagen in der Werkstatt. Wann bekomme ich es "
        "zurück?;Reparatur|{product} ist nach der Reparatur wieder ausgefallen.",
        "fr": "Réparation {product}|Mon appareil est en réparation depuis {days} jours, sans nouvelles de votre part.",
        "it": "Riparazione {product}|Ho portato {product} in negozio {days} giorni fa. Quando sarà pronto?",
        "es": "Reparación de {product}|Llevo {days} días esperando la reparación y nadie me llama.",
    },
    "refund": {
        "en": "Refund for order {order}|I sent the {product} back {days} days ago. When do I get my money?;Return "
        "label|I would like to return the {product}, it does not fit. Could you send me a label, please?",
        "de": "Rückerstattung {order}|Die Retoure ist seit {days} Tagen bei Ihnen. Wo bleibt mein Geld?",
        "fr": "Remboursement {order}|J’ai renvoyé {product} il y a {days} jours. Quand serai-je remboursé ?",
        "es": "Devolución {order}|Devolví {product} hace {days} días y sigo sin el reembolso.",
        "pl": "Zwrot {order}|Odesłałem {product} {days} dni temu. Kiedy otrzymam pieniądze?",
    },
    "question": {
        "en": "Question about the {product}|Is the {product} dishwasher safe? The page does not say.;In stock in "
        "{city}?|Do you have the {product} in the {city} store this weekend?;Change of address|I have moved. How do I "
        "change the address in my account?;Loyalty points|My points from last month do not show up on my card.;Gift "
        "wrapping|Can order {order} be gift wrapped? It is for my sister.",
        "de": "Frage zu {product}|Gibt es {product} auch in Grün? Und ist es in {city} vorrätig?;Adresse ändern|Ich "
        "bin umgezogen. Wie ändere ich meine Lieferadresse?",
        "fr": "Question sur {product}|Est-ce que {product} est disponible au magasin de {city} ?",
        "it": "Informazioni su {product}|{product} è disponibile nel negozio di {city}?",
        "es": "Consulta sobre {product}|¿Tienen {product} en la tienda de {city}?",
        "el": "Ερώτηση για {product}|Θέλω να μάθω αν το {product} υπάρχει στο κατάστημα {city}.",
        "bg": "Въпрос за {product}|Има ли {product} в магазина в {city}?",
        "uk": "Питання про {product}|Чи є {product} у магазині {city}?",
    },
    "store": {
        "en": "Service in the {city} store|Nobody at the counter could help me and the queue was endless.;Charged "
        "twice|The till in {city} charged my card twice for the {product}.;Thank you|Your colleague in {city} found "
        "the last {product} for me. Brilliant service, please pass it on!",
        "de": "Filiale {city}|An der Kasse musste ich ewig warten, und niemand war zuständig.;Danke|Tolle Beratung in "
        "{city}, vielen Dank an das Team!",
        "fr": "Magasin de {city}|Attente interminable à la caisse et personne pour me renseigner.",
    },
}  # fmt: skip

# what it is about: how it went: language: comments
COMMENTS = {
    "late": {
        "bad": {
            "en": "Parcel came far too late and nobody told me why.;Waited a week longer than promised. Not "
            "again.;Delivery was a disaster, the product itself is fine.",
            "de": "Viel zu späte Lieferung, keine Information.;Das Paket kam eine Woche zu spät.",
            "fr": "Livraison beaucoup trop tardive.;Aucune information sur le retard, très déçu.",
            "it": "Consegna in ritardo e nessuna risposta.", "es": "El pedido llegó tardísimo.",
        },
        "good": {"en": "It was late, but you apologised and sorted it quickly.", "de": "Spät, aber nett entschuldigt."},
    },
    "repair": {
        "bad": {
            "en": "Three weeks for a repair, and it broke again.;Had to call four times about my repair.;The workshop "
            "lost my order. Exhausting.",
            "de": "Die Reparatur hat ewig gedauert.;Nach der Reparatur gleicher Fehler.",
            "fr": "Réparation trop longue et inutile.",
            "it": "Riparazione lentissima.", "es": "La reparación fue un desastre.",
        },
        "good": {
            "en": "Repaired within days and works like new.;Great that you repair things instead of throwing them "
            "away.",
            "de": "Schnelle Reparatur, prima!", "fr": "Réparation rapide, merci !",
        },
    },
    "any": {
        "bad": {
            "en": "Very disappointed, this used to be better.;Had to explain my problem to three people.;Poor quality "
            "for the price.;No one answered my emails.;The website kept logging me out at the checkout.",
            "de": "Leider sehr enttäuscht.;Niemand hat auf meine E-Mails geantwortet.;Schlechte Qualität für den "
            "Preis.",
            "fr": "Très déçue par la qualité.;Service client injoignable.", "it": "Servizio pessimo, non torno più.",
            "es": "Muy mala experiencia.", "pl": "Jestem rozczarowana obsługą.", "sv": "Mycket besviken.",
        },
        "good": {
            "en": "Lovely products and quick delivery.;Friendly staff, easy return, will shop again.;Everything just "
            "worked.;Best shop for gifts, I recommend it to all my friends.;Question answered within minutes, thank "
            "you!",
            "de": "Alles bestens, gerne wieder!;Sehr freundlicher Service.;Schnelle Lieferung, tolle Qualität.",
            "fr": "Parfait, merci beaucoup !;Livraison rapide et produits magnifiques.",
            "it": "Ottimo servizio, consigliato!",
            "es": "Todo perfecto, muy recomendable.", "pl": "Szybko i miło, polecam!", "el": "Εξαιρετική εξυπηρέτηση!",
            "bg": "Отлично обслужване!", "uk": "Дуже задоволена, дякую!", "sv": "Snabbt och smidigt!",
        },
        "fair": {
            "en": "Okay, nothing special.;Fine, but shipping could be cheaper.;Good product, average service.",
            "de": "Ganz okay.;In Ordnung, Versand etwas teuer.", "fr": "Correct, sans plus.", "it": "Nella media.",
            "es": "Normal, sin más.",
        },
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text can mention; the order may be empty."""

    product: str
    order: str
    days: int
    city: str


@cache
def _tickets(topic: str, language: str) -> tuple[tuple[str, str], ...]:
    by_language = TICKETS[topic]
    pairs = (entry.split("|") for entry in by_language.get(language, by_language["en"]).split(";"))
    return tuple((pair[0], pair[1]) for pair in pairs if len(pair) == 2)


def ticket_text(dice: Dice, topic: str, language: str, facts: Facts, mood: float) -> tuple[str, str]:
    """Return subject and description of a ticket that is written in a mood between 0 (worst) and 1 (best)."""
    fitting = [pair for pair in _tickets(topic, language) if facts.order or "{order}" not in "".join(pair)]
    luck = dice.random()
    subject, text = fitting[int(luck * len(fitting))]
    values = {"product": facts.product, "order": facts.order, "days": facts.days, "city": facts.city}
    return subject.format(**values), with_patience(Dice(luck), text.format(**values), mood, language)


def comment_text(dice: Dice, cause: str, mood: float, language: str) -> str:
    """Return a survey comment for a mood between 0 (worst) and 1 (best), in the language or in English."""
    tone = tone_of(mood)
    by_tone = COMMENTS.get(cause, {})
    by_language = by_tone.get(tone) if dice.chance(0.75) else None
    by_language = by_language or COMMENTS["any"][tone]
    luck = dice.random()
    own_words = Dice(luck)
    by_language = by_language if language in by_language else COMMENTS["any"][tone]
    happened = own_words.pick((by_language.get(language) or by_language["en"]).split(";"))
    return written_comment(own_words, happened, mood, language)
