"""Family names by country: common ones, and a long tail that is composed of parts, as real names are."""

from functools import cache

from cdp_orchestration.demo.dice import by_rank

USUAL = {
    "GB": "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts "
    "Green Hall Wood Jackson Clarke Patel Khan Lewis James Phillips Mason Mitchell Rose Cook Bell Price Carter Parker "
    "Shaw Reid Murray O’Connor MacDonald Campbell Fraser Begum Singh Okafor Adeyemi Fletcher Baxter Doyle Byrne",
    "DE": "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein "
    "Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Werner Krause Köhler Yılmaz Kaya "
    "Groß Weiß Jäger Möller Böhm Lüdtke Kowalski von\u00a0Bergen",
    "FR": "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefebvre Michel Garcia "
    "David Bertrand Roux Vincent Fournier Girard Lefèvre Mercier Dupont Lambert Bonnet François Gauthier Béranger "
    "Benali Diallo Nguyen Lemaître",
    "US": "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson "
    "Anderson Thomas Taylor Moore Jackson Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker "
    "Nguyen Kim Patel Chen O’Brien Washington",
    "SE": "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson Jönsson",
    "IT": "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti Costa Giordano "
    "Mancini Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani D’Angelo De\u00a0Luca Caruso Leone Serra Nicolò",
    "ES": "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández Díaz "
    "Moreno Muñoz Álvarez Romero Alonso Gutiérrez Navarro Torres Domínguez Vázquez Ramos Gil Ramírez Serrano Blanco "
    "Molina Morales Suárez Ortega Delgado Castro Ortiz Rubio Marín Sanz Núñez Iglesias Medina Garrido Cortés",
    "PL": "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski "
    "Kozłowski Jankowski Mazur Wojciechowski Kwiatkowski Krawczyk Kaczmarek Piotrowski Grabowski Pawłowski Michalski",
    "GR": "Παπαδόπουλος Βλάχος Αγγελόπουλος Νικολαΐδης Γεωργίου Οικονόμου Παπαγεωργίου Δημητρίου Καραγιάννης",
    "BG": "Иванов Георгиев Димитров Петров Николов Христов Стоянов Тодоров Илиев Василев Атанасов Ангелов Колев",
    "UA": "Шевченко Коваленко Бондаренко Ткаченко Мельник Кравченко Олійник Поліщук Лисенко Мороз Савченко Руденко",
}

# beginnings ; endings
PARTS = {
    "GB": "Ash Black Brad Brom Cal Clif Cran Dal Elling Fair Green Hal Hart Hather Hol Kings Lang Lin Mar Nor Oak Pem "
    "Rad Red Shel Stan Stoke Thorn Wal Wentw Whit Win;ford wood ley ton well field worth ham combe stead bury den wick",
    "DE": "Alten Berg Birken Blumen Eber Eichen Falken Friede Hagen Heil Hohen Kirch Licht Linden Löwen Mühl Neu Oster "
    "Rosen Sand Schön Sonnen Stein Thal Wald Wein Winter;bach bauer berg feld hardt hauer heim hof mann meier stein "
    "thal",
    "FR": "Beau Belle Bois Chante Clair Cour Fon Font Grand Haute Lan Long Mal Mon Mont Neuf Pier Roche Saint Val "
    "Ville;bert bois champ court geville got lain lieu mont neuve reau teau ville val",
    "US": "Ash Black Brad Cal Clay Cross Fair Green Har Hen Hol Jen King Lam Mar Nor Old Pem Rich Spring Stan Thorn "
    "Wal Water;ford wood ley ton well field worth ham bert kins man shaw son",
    "SE": "Alm Berg Björk Dal Ek Engs Fors Grön Hag Holm Lind Lund Nor Ny Sand Sjö Sten Ström Söder Väster Öst;"
    "berg blad dahl fors gren kvist lund man qvist ström stedt",
    "IT": "Albert Bald Bell Bern Bon Cap Cav Den Fab Gall Gand Lan Mal Mar Mont Pal Pell Ross Sal Sant Tam Vent Zan;"
    "acci ari azzi elli eri etti ini ino oni otti ucci uzzi",
    "ES": "Agu Are Bara Ber Cal Can Car Esco Etxe Fuen Goi Her Igle Mendi Mon Olab Pere Qui Sala Valde Zaba;"
    "bal barri coa dero do gui lar mendi nal rra ria tes zar",
    "PL": "Adam Bart Bor Czerw Dob Gór Jabł Jas Jawor Kal Kras Lis Lip Maj Malin Ost Pod Rat Sad Sok Tom Wró Wysz Zaw;"
    "iński owski czyk ecki niak ewicz kowski",
    "GR": "Αλεξ Αναγνωστ Αντων Βασιλ Γιανν Δημητρ Ευαγγελ Θεοδωρ Καρα Κωνσταντ Μαν Μιχαλ Νικολ Παν Πετρ Σταθ Στεφαν "
    "Χρηστ;όπουλος ίδης άκης άτος έλλης",
    "BG": "Александр Ант Богдан Борис Велик Димитр Злат Кирил Крум Марин Младен Момчил Радосл Симеон Стефан Цветк;"
    "ов ински ев",
    "UA": "Бондар Василь Гаври Данил Захар Іван Клим Ковал Марти Петр Роман Сидор Степан Тимош Федор Яким;"
    "енко чук ишин ів ський",
}  # fmt: skip

# A man's ending and what it is in a woman's name.
WOMENS_ENDINGS = {
    "PL": (("ski", "ska"), ("cki", "cka")),
    "GR": (("όπουλος", "οπούλου"), ("ίδης", "ίδου"), ("ΐδης", "ΐδου"), ("ος", "ου"), ("ης", "η")),
    "BG": (("ински", "инска"), ("ов", "ова"), ("ев", "ева")),
    "UA": (("ський", "ська"),),
}


@cache
def family_names(code: str) -> tuple[str, ...]:
    """Return a country's family names in the male form, weighted by how common they are."""
    starts, endings = (part.split() for part in PARTS[code].split(";"))
    tail = [start + ending for start in starts for ending in endings if start.lower() != ending]
    return (*by_rank([name.replace("\u00a0", " ") for name in USUAL[code].split(" ")], ratio=60), *tail)


@cache
def in_gender_form(family: str, code: str, is_woman: bool) -> str:
    """Return the female form of a family name where a country has one (Kowalski, Kowalska)."""
    if is_woman:
        for ending, female_ending in WOMENS_ENDINGS.get(code, ()):
            if family.endswith(ending):
                return family.removesuffix(ending) + female_ending
    return family
