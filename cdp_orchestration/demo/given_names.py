"""Given names of men and women by country, the most common first."""

from functools import cache

from cdp_orchestration.demo.dice import by_rank

MEN = {
    "GB": "James William Robert John Thomas Michael Edward Andrew David Daniel Richard Matthew Christopher Benjamin "
    "Joseph Samuel Oliver Alexander Stephen Anthony Peter George Charles Henry Jonathan Nicholas Philip Gareth Callum "
    "Patrick Timothy Simon Stuart Liam Mohammed Harry Frederick Dominic Martin Graham Leonard Kenneth Ian Alan Rhys",
    "DE": "Michael Thomas Andreas Stefan Johannes Alexander Maximilian Sebastian Matthias Christian Jürgen Wolfgang "
    "Lukas Felix Jonas Friedrich Joachim Günther Jörg Björn Tobias Florian Karl-Heinz Hans-Peter Dieter Klaus Ulrich "
    "Bernhard Heinrich Moritz Paul Jan Konstantin Sören Götz Emil Anton",
    "FR": "Jean Pierre Michel Nicolas François Julien Frédéric Jean-Pierre Jean-Luc Antoine Guillaume Alexandre Rémi "
    "Étienne Benoît Mathieu Sébastien Cédric Jérôme Thierry Philippe Laurent Olivier Loïc Hugo Lucas Théo Noël Gaël",
    "US": "Michael James Robert William David Joseph Christopher Daniel Matthew Anthony Joshua Andrew Tyler Brandon "
    "Zachary Benjamin Samuel Nicholas Jonathan Jose Ethan Alexander Richard Charles Timothy Edward Ronald Gregory "
    "Douglas Lawrence Kenneth Raymond Jeffrey Dwayne Carlos Malik",
    "SE": "Erik Lars Karl Anders Johan Per Nils Mikael Björn Göran Åke Håkan Sven Jörgen Oskar Axel Gustav Mårten Pär",
    "IT": "Giuseppe Giovanni Antonio Mario Luigi Francesco Angelo Vincenzo Pietro Salvatore Carlo Franco Domenico "
    "Marco Andrea Alessandro Stefano Roberto Matteo Davide Luca Niccolò Lorenzo Emanuele Federico Riccardo",
    "ES": "Antonio José Manuel Francisco Juan Javier Jesús Daniel Carlos Miguel Alejandro Rafael Pedro Ángel Pablo "
    "Sergio Fernando Jorge Luis Alberto Álvaro Adrián Íñigo Óscar Víctor Andrés Martín Ramón",
    "PL": "Piotr Krzysztof Andrzej Tomasz Jan Paweł Michał Marcin Stanisław Jakub Adam Marek Łukasz Grzegorz Mateusz "
    "Wojciech Mariusz Dariusz Zbigniew Jerzy Maciej Rafał Sławomir Przemysław",
    "GR": "Γεώργιος Κωνσταντίνος Ιωάννης Δημήτριος Νικόλαος Παναγιώτης Βασίλειος Χρήστος Αθανάσιος Μιχαήλ Ευάγγελος "
    "Σπυρίδων Αντώνιος Αναστάσιος Θεόδωρος Ανδρέας Χαράλαμπος Αλέξανδρος Εμμανουήλ Στέφανος",
    "BG": "Георги Иван Димитър Николай Петър Христо Александър Йордан Васил Стефан Тодор Пламен Борис Калоян Красимир",
    "UA": "Олександр Сергій Володимир Андрій Микола Іван Михайло Юрій Василь Дмитро Віктор Ярослав Тарас Богдан Євген",
}

WOMEN = {
    "GB": "Sarah Elizabeth Emily Katherine Charlotte Margaret Victoria Jessica Rebecca Susan Jennifer Amanda Samantha "
    "Alexandra Hannah Eleanor Patricia Rachel Laura Caroline Deborah Christine Abigail Philippa Georgina Lucy Olivia "
    "Sophie Amelia Jacqueline Josephine Bethany Siân Zoë Gillian Helen Aisha Nicola Frances Harriet Isabella Ruth",
    "DE": "Maria Anna Katharina Susanne Elisabeth Christina Sabine Petra Monika Ursula Julia Stefanie Franziska "
    "Johanna Hannelore Gabriele Käthe Jördis Charlotte Lena Emma Mia Sophie Brigitte Renate Heike Birgit Bärbel "
    "Angelika Margarete Friederike Wilhelmine",
    "FR": "Marie Nathalie Isabelle Sylvie Catherine Françoise Valérie Christine Céline Sandrine Aurélie Stéphanie "
    "Élodie Émilie Hélène Agnès Brigitte Camille Léa Manon Chloé Inès Anaïs Zoé Marie-Claire Anne-Sophie Geneviève "
    "Véronique",
    "US": "Jennifer Jessica Elizabeth Ashley Emily Sarah Samantha Amanda Katherine Nicole Stephanie Rebecca Kimberly "
    "Margaret Patricia Deborah Barbara Susan Christina Alexandra Victoria Abigail Madison Olivia Maria Guadalupe "
    "Latoya Michelle Theresa Cynthia",
    "SE": "Anna Eva Maria Karin Kristina Lena Sara Emma Linnéa Elin Åsa Märta Ingrid Birgitta Astrid Ebba Görel Malin",
    "IT": "Maria Anna Giuseppina Rosa Angela Giovanna Teresa Lucia Francesca Caterina Antonella Elisabetta Alessandra "
    "Chiara Giulia Sara Martina Valentina Federica Silvia Eleonora Beatrice Margherita",
    "ES": "María Carmen Ana Isabel Dolores Pilar Teresa Josefa Cristina Laura Marta Lucía Mercedes Concepción Rosario "
    "Elena Raquel Sara Paula Inés Ángeles Montserrat Nuria Begoña Rocío",
    "PL": "Anna Katarzyna Małgorzata Agnieszka Barbara Ewa Krystyna Elżbieta Maria Zofia Magdalena Joanna Aleksandra "
    "Monika Teresa Danuta Natalia Julia Grażyna Bożena Żaneta Łucja",
    "GR": "Μαρία Ελένη Αικατερίνη Βασιλική Σοφία Αγγελική Γεωργία Δήμητρα Κωνσταντίνα Παρασκευή Ευαγγελία Αναστασία "
    "Χριστίνα Ιωάννα Ευτυχία Θεοδώρα Δέσποινα Ειρήνη",
    "BG": "Мария Иванка Елена Йорданка Пенка Маргарита Виолета Даниела Десислава Гергана Радка Цветелина Снежана",
    "UA": "Олена Наталія Тетяна Ірина Оксана Людмила Світлана Катерина Юлія Анастасія Марія Ганна Вікторія Соломія",
}

# Formal name: what friends, tills and mail addresses make of it.
NICKNAMES = {
    "Robert": "Bob Rob Bobby", "William": "Bill Will Billy", "James": "Jim Jamie", "John": "Jack Johnny",
    "Thomas": "Tom Tommy", "Michael": "Mike Mick", "Edward": "Ted Eddie Ned", "Andrew": "Andy Drew",
    "David": "Dave", "Daniel": "Dan Danny", "Richard": "Dick Rick Richie", "Matthew": "Matt",
    "Christopher": "Chris Kit", "Benjamin": "Ben", "Joseph": "Joe", "Samuel": "Sam", "Alexander": "Alex Sandy",
    "Stephen": "Steve", "Anthony": "Tony", "Peter": "Pete", "Charles": "Charlie Chuck", "Henry": "Harry Hal",
    "Jonathan": "Jon", "Nicholas": "Nick", "Philip": "Phil", "Patrick": "Paddy Pat", "Timothy": "Tim",
    "Frederick": "Fred Freddie", "Leonard": "Len", "Kenneth": "Ken", "Joshua": "Josh", "Zachary": "Zach",
    "Gregory": "Greg", "Ronald": "Ron", "Lawrence": "Larry", "Raymond": "Ray", "Jeffrey": "Jeff",
    "Elizabeth": "Liz Beth Betty Lizzie", "Katherine": "Kate Kathy Katie", "Margaret": "Maggie Peggy Meg",
    "Victoria": "Vicky Tori", "Jessica": "Jess", "Rebecca": "Becky", "Susan": "Sue", "Jennifer": "Jen Jenny",
    "Amanda": "Mandy", "Samantha": "Sam", "Alexandra": "Alex Sasha", "Eleanor": "Ellie Nell", "Patricia": "Pat Trish",
    "Deborah": "Debbie", "Christine": "Chris Tina", "Abigail": "Abby", "Philippa": "Pippa", "Georgina": "Georgie",
    "Jacqueline": "Jackie", "Josephine": "Jo", "Kimberly": "Kim", "Theresa": "Terri", "Cynthia": "Cindy",
    "Johannes": "Hans Hannes", "Maximilian": "Max", "Sebastian": "Basti", "Friedrich": "Fritz", "Joachim": "Jochen",
    "Katharina": "Kathi Katja", "Elisabeth": "Lisa Sissi", "Christina": "Tina", "Susanne": "Susi",
    "Franziska": "Franzi", "Johanna": "Hanna", "Margarete": "Grete", "Stefanie": "Steffi", "Heinrich": "Heiner",
    "Matthias": "Matze",
    "Alexandre": "Alex", "Frédéric": "Fred", "Guillaume": "Guy", "Stéphanie": "Steph", "Isabelle": "Isa",
    "Catherine": "Cathy", "Nathalie": "Nath", "Giuseppe": "Beppe Pino", "Giovanni": "Gianni", "Francesco": "Franco",
    "Salvatore": "Totò", "Vincenzo": "Enzo", "Alessandro": "Sandro", "Elisabetta": "Betta", "Antonella": "Anto",
    "José": "Pepe", "Francisco": "Paco Curro", "Manuel": "Manolo", "Jesús": "Chus", "Dolores": "Lola",
    "Concepción": "Concha", "Josefa": "Pepa", "Isabel": "Isa", "Katarzyna": "Kasia", "Małgorzata": "Gosia",
    "Aleksandra": "Ola", "Agnieszka": "Aga", "Krzysztof": "Krzysiek", "Stanisław": "Staszek", "Jakub": "Kuba",
    "Wojciech": "Wojtek", "Κωνσταντίνος": "Κώστας", "Ιωάννης": "Γιάννης", "Δημήτριος": "Δημήτρης Μήτσος",
    "Γεώργιος": "Γιώργος", "Νικόλαος": "Νίκος", "Παναγιώτης": "Πάνος", "Αικατερίνη": "Κατερίνα", "Βασιλική": "Βίκυ",
    "Георги": "Гошо", "Димитър": "Митко", "Александър": "Сашо", "Десислава": "Деси", "Маргарита": "Марги",
    "Олександр": "Сашко", "Володимир": "Вова", "Дмитро": "Діма", "Катерина": "Катя", "Наталія": "Наталка",
}  # fmt: skip


@cache
def given_names(code: str, is_woman: bool) -> tuple[str, ...]:
    """Return a country's given names, weighted by how common they are."""
    return by_rank((WOMEN if is_woman else MEN)[code].split())


@cache
def nicknames(given: str) -> tuple[str, ...]:
    """Return the common short forms of a given name, empty where there are none."""
    return tuple(NICKNAMES.get(given, "").split())
