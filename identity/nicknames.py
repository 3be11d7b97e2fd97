"""Short and familiar forms of given names, by the formal names they may stand for, in several languages."""

# Each line is one person's possible names: any two of them may name the same person. A form may stand on several
# lines (Alex is Alexander or Alexandra), which is why a name has roots, not one root.
_GROUPS = """
abigail abby abbie gail
adelaide addie adela
albert al bert bertie
alexander alex alec sandy xander sasha alejandro aleksander alessandro alexandre
alexandra alex sandra sasha alexa lexi
alfred alf alfie fred freddie
alice ali allie
amelia amy millie emily
andrew andy drew andreas andre andrea andres
ann anne anna annie nancy nan ana hannah anita
anthony tony anton antonio antoine
archibald archie
arthur art artie
augusta gussie gusta
augustus gus august
barbara barb babs barbie
bartholomew bart
beatrice bea trixie beatrix
benjamin ben benny benji
bernard bernie bernhard
bridget biddy bridie
caroline carol carrie lina karoline
catherine katherine kathryn cathy kathy kate katie kitty kit kay katharina katrin catalina caterina
charles charlie chuck chas carl karl carlos carlo charly
charlotte lottie charly charlie
christian chris kris
christina chris tina christine kristin christiane
christopher chris kit topher christoph christophe
clarence clarrie
daniel dan danny
david dave davy davey
deborah deb debbie debra
dennis den denny
dominic dom dominik dominique
donald don donnie
dorothy dot dolly dottie dora dorothea
edith edie
edmund ed eddie ned ted edmond
edward ed eddie ned ted teddy eduardo eduard edouard
edwin ed eddie ned
eleanor nell ellie nellie nora ella leonora
elizabeth elisabeth liz beth betty bess bessie eliza lizzie libby lisa elsie betsy elise isabel lilibet sisi
emma em emmy
emmanuel manny manuel manu
ernest ernie ernst
eugene gene
florence flo florrie flossie
frances fran fanny frankie francesca franziska
francis frank frankie fran francisco francesco francois franz pancho paco
franklin frank
frederick fred freddie freddy rick friedrich fritz frederic federico
gabriel gabe
geoffrey geoff jeff jeffrey
george georgie georg jorge giorgio georges
gerald gerry jerry
gertrude gert gertie trudy
gilbert gil bert
gregory greg gregor gregoire
gwendoline gwen wendy
harold harry hal
harriet hattie harry
helen nell nellie ellen helena lena helene elena
henry harry hal hank henri heinrich enrique enrico hendrik
herbert herb bert bertie
horace horry
hubert bert hugh
hugh hughie hugo
isaac ike zac
isabella bella izzy isabelle isabel
jacob jake jakob jacques
james jim jimmy jamie jem jaime giacomo jacques
jane jenny janie jean janet
janet jan jenny
jennifer jen jenny jenn
jeremiah jerry jeremy
jessica jess jessie
joan joanie jo
joanna jo joanne johanna
john jack johnny jon johann johannes hans jan jean juan giovanni
jonathan jon jonny nathan
joseph joe joey jos josef jose giuseppe pepe sepp
josephine jo josie
joshua josh
judith judy
julia julie jules juliette
katharine kate kathy kitty kay
kenneth ken kenny
laurence lawrence larry laurie lorenzo laurent
leonard len lenny leo leonardo
leopold leo poldi
lewis louis lou louie lew luis luigi ludwig
lillian lily lil lilian
louisa lou louise luisa
lucille lucy lucie lucia
mabel may amabel
magdalena lena magda madeleine maddie
margaret maggie meg peggy madge margery marge daisy greta rita margarete marguerite margarita gretchen
maria mary marie mia mitzi maja
martha mattie patty
martin marty marten
mary molly polly may mae minnie mamie maria marie
matilda tilly mattie maud
matthew matt matty matthias mattias mateo matteo mathieu
maximilian max maxim
may mary
michael mike mick mickey micky michel miguel michele mikhail misha
mildred millie
minnie wilhelmina mina
montague monty
nathaniel nathan nat nate
nicholas nick nicky nicolas klaus nico niklas nikolaus nicola
nicole nicky nikki nicola
oliver ollie olly
oscar oskar
pamela pam
patricia pat patty trish tricia patsy
patrick pat paddy rick
paul pablo paolo pauly
pauline paula
penelope penny
percival percy val
peter pete pedro pietro pierre petra
philip phil pip phillip philipp felipe philippe
priscilla cilla
rachel rae shelly
raymond ray raimund ramon
rebecca becky becca beck
reginald reg reggie rex
richard dick rick ricky rich richie ricardo riccardo
robert bob bobby rob robbie bert robin roberto
roderick rod roddy rick
roger rodge ruediger
roland rollo rowland
ronald ron ronnie
rosemary rose rosie
rudolf rudi rudy rudolph rodolfo
samantha sam sammy
samuel sam sammy
sarah sally sadie sara
sebastian seb bastian basti
sidney sid sydney syd
simon si simone
solomon sol solly
sophia sophie sofia
stephanie steph stefanie steffi
stephen steven steve stevie stefan stephan esteban stefano etienne
susan sue susie suzy suzanne susanna sanna susanne
sylvester sly vester
terence terry
theodore ted teddy theo theodor
theresa terry tess tessa resi teresa therese
thomas tom tommy thom tomas tommaso
timothy tim timmy
ursula uschi ursel
valentine val
veronica ronnie vera veronika
victor vic vick viktor vittorio
victoria vicky vicki tori viktoria
vincent vince vinny vincenzo
violet vi
virginia ginny ginger
walter wally walt wat
wilfred wilf fred
wilhelmina mina minnie willa
william will bill billy willie liam wilhelm guillermo guglielmo guillaume willy wim
winifred win winnie freda
zachary zach zack
adam adas
agnes nessie aggie ness
agnieszka aga agnes
aleksandar aleksander alexander sasho sasha sasza sascha sander aco aleks
aleksandra alexandra ola sasha sandra
alfonso fonso poncho
alfredo fredo alfie
alicja ala alice
alojzy louis alois
andrzej andrew andrius jedrek
anastasia nastya stacy anastasija natasa
antonia tonia toni antonina tosia
antonin toni tonda anthony
barbara basia baska varvara barbel baerbel
bartosz bartek bartholomew bartlomiej
beatriz bea beatrice
boguslaw bogdan bogus
carmen carmela carmina menchu
cecilia cecily cecile celia cilla
concepcion concha conchita
consuelo chelo
diego santiago james yago jacob tiago
dimitrios dimitris mitsos dmitri dimitri dima
dolores lola lolita
dorota dorothea dorothy dorotka
ekaterina katya katia katerina catherine
elena helen helena lena alyona ellen
eleftherios lefteris
elzbieta ela elizabeth elisabeth
elisabeth sissi sissy sisi lisbeth lies lisl ella
encarnacion encarna
enrique quique kike henry
ernesto neto ernest
evangelia litsa eva
ewa eva eve ewka
federico fede lico frederick
felix feliks
filip philip philippe
fernando nando fer ferdinand hernando ferdinando
florian flori flo
francisca paca paquita frances fanny
francisco kiko curro cisco pancho paco fran francis
friedrich fritz fred frederik
gabriela gabi gaby gabriella gabrielle
georgios giorgos yorgos george jorgos
gertrud gertrude trude trudi gerda
gheorghe george ghita
giacomo giacomino james mino
giorgia georgia georgina georgie georgiana
giovanni gianni john vanni nino gian giovannino
giovanna gianna joan jo joanna
giuseppe pino beppe peppe peppino joseph geppetto bepi
giuseppina pina josephine giusy
gonzalo gonzo
gregorio goyo gregory grzegorz greg grzes
guadalupe lupe
gwilym william bill
gustavo gus tavo gustav
hannelore hanne lore
hans johannes johann hannes hansi john johan joannes hanns juan ivan ian
harold harry hal harald
heinrich heinz henry heiner hein henri hendrik enrico
helmut helmi
henrietta harriet hattie hettie etta henriette
henryk henry heniek
hermann herman armin
horace horatio horatius
hubert bert hugh
ignacio nacho ignatius ignatz inigo
ioannis giannis yannis john yiannis
irena irene irina ira irka
isabel isa chabela isabella isabelle elizabeth belen ysabel
iwona yvonne
jacek hyacinth jack jacenty
jacob jakob jake jack jakub kuba giacomo james jacobo jacques
jadwiga hedwig jadzia
jan john johannes janek jasiu jean johan janusz
jean john jeannot
jerzy george jurek
jesus chus chucho
joachim jochen achim joaquin quino
joanna joan jane johanna asia jo jana
joao john joca
johanna jo joan jana hanna hanne joanna
jose pepe joseph josep chepe pepito
josefa pepa josephine josefina fina pepita
josefine josephine josie jo fine sefa
julia julie giulia yulia julka juliet
julian jules julio julius giulio
juan john juanito juancho
jozef joseph jozek josef
kamil camillus camille
karl charles karel carl carlos karol carlo
karolina caroline carolina karola
katarzyna kasia kaska catherine katherine kate
kazimierz kazik casimir
klaus nicholas niklas nikolaus claus
konstantin kostya constantine konstantinos kostas costas
krystyna christina krysia kristina
krzysztof krzysiek christopher chris
leopold leo poldi
lorenzo renzo laurence lawrence enzo
ludwig lutz louis luigi lewis lodewijk luis
luca luke lucas lukas lukasz
luigi gigi louis gino
lukasz luke lucas
maciej matthias maciek matthew
magdalena magda lena madeleine leni madalena
malgorzata gosia margaret malgosia
manuel manolo manu manny emmanuel lolo
marcin martin
margarethe margarete grete gretel greta margaret marga margarita gretchen rita
maria mary marie mariya marika marija mia mitzi maruja marichu marusia
mariadolores lola
mariajose marijose
mariateresa maite
mateusz matthew mateo matteo matt
matthias matze hias matt matthew mathias
maximilian max maxi
mercedes merche mercy
michal michael mike misiek mihail miguel michel michele michail mikhail micha mick
mikhail misha michael mihail
miroslav mirek
mohammed mohamed muhammad mohammad mo muhammed mehmet ahmed
natalia natasha nathalie natalie nat talia nath
nicholas nick nicky nico nicolas nikolaus nicola nikolai nikola nikos nikolaos klaus miklos niko
nikolaos nikos nicholas
pablo paul pol paolo pavel pawel paulus
panagiotis panos takis
paraskevi voula
pavel pasha paul
pawel paul pawelek
philippa pippa pip
piotr peter piotrek pyotr petr pedro pierre pietro
rafael rafa raphael rafal raffaele raf
ramon moncho raymond
ramona mona
raffaele lello raphael
renata renate rena
rosa rosie rosita rosalia rose
rosario charo
ruprecht rupert robert
salvatore toto turi salvo totuccio sal
salvador salva chava
sebastien seb bastien sebastian
sergio checho serge sergei sergey
sergei seryozha serge
siegfried siggi sigi
slawomir slawek
sofia sophia sophie zofia sonia
stanislaw staszek stanislav stan stas stanley
stefan stephen steven etienne stefano
svetlana sveta
tadeusz tadek thaddeus
tatiana tanya tania
theodoros thodoris theodore
theresia resi theresa
thomas tommy tom tomasz tomek tomas tommaso tam
timoteo tim timothy
tomasz thomas tomek
vasilios vasilis basil
vasily vasya basil
vincenzo enzo vincent cenzo
vladimir volodya vova vlad
waldemar waldi
walter walther gualterio wat
wilhelm willi willy william wim helmut
wojciech wojtek adalbert
wolfgang wolf wolfi
yekaterina katya ekaterina
yevgeny zhenya eugene
zbigniew zbyszek
zofia zosia sophia
"""


def nickname_roots() -> dict[str, tuple[str, ...]]:
    """Each known given name (lower case ASCII) with the sorted roots it may stand for."""
    roots: dict[str, set[str]] = {}
    for line in _GROUPS.split("\n"):
        names = line.split()
        for name in names:
            roots.setdefault(name, set()).add(names[0])
    return {name: tuple(sorted(found)) for name, found in sorted(roots.items())}
