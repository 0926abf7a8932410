#include "verifiers/instruction/language_words.h"

namespace hone::instruction {

// Function words from general knowledge, then the most frequent short words of each translation of the Universal Declaration of Human
// Rights (public domain), then words of everyday life.
const LanguageWords kLanguageWords[] = {
    {"en",
     "the of and to in is that for it as with was on be by this are from at or an have not but which you we they he she his her "
     "their what there can will would if about your my me do i i'm it's don't has had been were all when who more so no out up one "
     "our how then them these its than into some could any only other after also right article everyone shall rights a human equal "
     "freedom freedoms law entitled nations social whereas free family against full dignity united person society national without "
     "religion country public enjoy promote peoples respect hello good morning day night thank thanks please house man woman child "
     "water food work school big small new old go come see know think make where why today yesterday tomorrow very time year life "
     "world city sun sky sea friend book every always still love heart light dream little away over under through never home tree "
     "river wind song dear sir madam sure here haiku poem story title answer yes great name list best email letter write blog post "
     "summary "},
    {"es",
     "el la los las de que y en un una es por con para no se del al lo su sus como más pero fue este esta son está muy hay ser "
     "también sin sobre entre cuando ya yo tú mi me te nos le les o porque desde hasta hola cómo qué puede todo todos eso esto ese "
     "han ha si donde nuestro bien a derecho tiene persona artículo toda derechos libertad contra naciones nadie humanos país será "
     "igual tienen e familia social ley dignidad actos unidas vida religión ni podrá caso libre trabajo iguales humana hombre él "
     "ella nosotros ellos buenos días tardes noches gracias favor casa mujer niño agua comida escuela grande pequeño nuevo viejo ir "
     "venir ver saber pensar hacer tener estar dónde cuándo hoy ayer mañana tiempo año mundo ciudad sol cielo mar amigo amigos libro "
     "cada siempre amor corazón noche bajo voy vas va estoy estás soy eres tu espero gusta gustaría quiero puedo debo buena bueno "
     "hijo camino "},
    {"pt",
     "o a os as de que e em um uma é por com para não se do da dos das no na ao mais mas foi este esta são está muito ser também sem "
     "sobre entre quando já eu você meu minha me nos lhe ou porque desde até olá como pode tudo isso isto ele ela seu sua pela pelo "
     "nós há às à num direito humano artigo todo tem direitos será qualquer humanos nações todos proteção lei ninguém unidas família "
     "seus contra social vida todas outros religião têm igual iguais tu eles bom dia boa tarde noite obrigado obrigada favor casa "
     "homem mulher criança água comida trabalho escola grande pequeno novo velho ir vir ver saber pensar fazer ter estar onde hoje "
     "ontem amanhã tempo ano mundo cidade sol céu mar amigo amigos livro cada sempre ainda nosso amor coração nasce preciso gosto "
     "espero estejam leste mercado estou "},
    {"fr",
     "le la les des du de et un une est en que qui dans pour pas sur au aux avec ce cette ces il elle ils nous vous je ne se sont "
     "son sa ses par plus mais ou où être avoir fait comme tout c'est l'on d'un leur leurs été j'ai très bien aussi mon ma mes votre "
     "notre y sans peut donc si même à droit a article toute personne droits tous l'homme ont libertés liberté soit nations pays nul "
     "contre famille aucune sera doit dignité unies vie présente toutes société religion tu bonjour bonsoir nuit merci beaucoup "
     "maison homme femme enfant eau nourriture travail école grand petit nouveau vieux aller venir voir savoir penser faire quoi "
     "quand comment pourquoi aujourd'hui hier demain temps année monde ville était soleil ciel mer ami livre chaque toujours encore "
     "déjà ton amour coeur cœur sous entre on lève plusieurs dois aime ça "},
    {"de",
     "der die das und ist nicht ein eine einen zu den mit von auf für sich im dem des es ich sie wir er du als auch an bei nach wie "
     "so aber oder wenn wird werden sind hat haben war aus über nur noch kann mehr man mein dein sein ihre ihr uns diese dieser "
     "dieses einem einer zum zur durch sehr was recht jeder artikel in darf rechte anspruch seine seiner da gegen nationen schutz "
     "freiheit alle niemand sowie gleichen menschen vor würde allen frei ohne gesetz familie bildung ihren person achtung guten tag "
     "morgen abend danke bitte haus mann frau kind wasser essen arbeit schule groß klein neu alt gehen kommen sehen wissen denken "
     "machen wo wann warum heute gestern zeit jahr leben welt stadt kein am geht hallo schön sonne himmel meer freund buch immer "
     "schon gern unser liebe nacht wald wind "},
    {"it",
     "il lo la i gli le di che e è un una in per con non si del della dei delle da al alla come più ma sono questo questa anche se "
     "io tu mi ti ci suo sua loro nel nella o perché quando dove molto essere ha hanno ho fa cosa tutto tutti può degli dal dalla "
     "sul sulla ed quello ogni diritto articolo a diritti libertà ad nazioni umani sia potrà deve unite stato nessun cui famiglia "
     "contro sociale proprio ai dignità vita rispetto presente società altri lui lei noi voi buongiorno buonasera notte grazie mille "
     "prego casa uomo donna bambino acqua cibo lavoro scuola grande piccolo nuovo vecchio andare venire vedere sapere pensare fare "
     "avere oggi ieri domani tempo anno mondo città era dello vi sole cielo mare amico libro sempre ancora già mio tuo nostro amore "
     "cuore bello bella devo vado sto stai sorge paese qui parlano molte lingue ciao spero piace "},
    {"nl",
     "de het een en van is dat in te niet op voor met zijn aan er ook als om door bij maar wat naar dan nog uit over wordt worden "
     "heeft hebben ik je jij we wij ze zij hij deze dit die kan meer zo mijn jouw onze hun of geen wel recht ieder artikel rechten "
     "zal welke vrijheid mens naties alle tegen niemand wet gelijke tot zonder zullen sociale zich andere land gezin vrije genieten "
     "iedere volkeren algemeen onder enig gehouden jullie goedemorgen goedendag goedenavond dank bedankt alsjeblieft huis man vrouw "
     "kind water eten werk school groot klein nieuw oud gaan komen zien weten denken maken waar wanneer hoe waarom vandaag gisteren "
     "morgen erg zeer tijd jaar leven wereld stad was moet wil hier daar veel mooi taal zon zee vriend vrienden boek elke altijd "
     "graag gaat komt slaapt bank kat goed zou hallo "},
    {"pl",
     "i w na nie z do się to jest że o jak po za od co ale czy przez dla są tak być był była było może ma już tylko jego jej ich go "
     "mnie ja ty my tym tego ten ta te które który która oraz również bardzo jako więc gdy lub można też aby prawo artykuł każdy "
     "człowiek praw wolności prawa wolno ochrony narodów bez nikogo mają swych względu wyznania kraju ani pracy godności państwa "
     "wszyscy prawnej sposób świata ludzkiej którym ludzie przeciw życia zarówno swej wobec innych on ona wy oni dzień dobry rano "
     "wieczór noc dziękuję proszę dom mężczyzna kobieta dziecko woda jedzenie praca szkoła duży mały nowy stary iść przyjść widzieć "
     "wiedzieć myśleć robić mieć gdzie kiedy dlaczego dzisiaj dziś wczoraj jutro także czas rok życie świat miasto muszę mam masz "
     "lubię piękny kraj tutaj wiele język słońce morze przyjaciel książka zawsze jeszcze cześć kot śpi chciałbym pies tej "},
    {"ro",
     "și de la în a cu nu este un o pe să că din pentru mai sunt care ce se au fost sau dar al ale lui ei eu tu noi voi foarte acest "
     "această fi am are ca prin dreptul orice persoană fie sa sale trebuie toate mod om va nimeni omului lor drepturi poate precum "
     "nicio umane drept unite prezenta fără socială egale legii față deplină asigure atât cât fiecare alte i toți el ea bună "
     "dimineața ziua seara mulțumesc vă rog casă femeie copil apă mâncare muncă școală mare mic nou vechi merge veni vedea ști gândi "
     "face avea unde când cum astăzi azi ieri mâine timp an viață lume oraș era îmi place frumos frumoasă țară limbă aici mult multe "
     "soare marea prieten prietenii carte întotdeauna "},
    {"cs",
     "a na právo má nebo každý článek v k být se jeho i práv aby práva s nesmí že je ve mají nikdo ochranu své za proti sociální "
     "vzdělání svobod pro jsou do která by byla národů svou všechny bez z svobodu to které lidských lidské bylo mezi základní země o "
     "mu státu při nárok jinými rodiny svobody zákonem národy já ty on ona my vy oni dobrý den ráno večer děkuji prosím dům muž žena "
     "dítě voda jídlo práce škola velký malý nový starý jít přijít vidět vědět myslet dělat mít co kde kdy jak proč dnes včera zítra "
     "velmi také ale čas rok život svět město si jsem jsi jsme jste byl musím máš mám rád slunce přítel kniha který když protože "
     "ještě už jen pěkný krásný kočka spí chtěl bych pes této "},
    {"sk",
     "a na má v právo alebo každý článok sa k byť jeho je práv ktoré aby práva nesmie že ochranu s ako majú nikto proti všetky za "
     "pre i sú národov svoju bez slobodu aj vo ľudskej slobody ktorom medzi rovnaké tejto krajiny rovnakú ktorá do z pri slobodne "
     "svojej nárok inými by rodiny ľudských zákonom vieru zaistiť slobod túto ja ty on ona my vy oni dobrý deň ráno večer ďakujem "
     "prosím dom muž žena dieťa voda jedlo práca škola veľký malý nový starý ísť prísť vidieť vedieť myslieť robiť mať čo kde kedy "
     "prečo dnes včera zajtra veľmi tiež ale čas rok život svet mesto si som sme ste bol bola bolo musím mám krásna krajina tu mnoho "
     "jazyk hovorí slnko more priateľ kniha vždy ešte už len "},
    {"sl",
     "in v do pravico člen vsakdo ali ima ne se ki z je pravic s biti sme na za da so ker vsi pri varstva bi pravice pred njegovo "
     "mora med to tudi narodov kot tako kakor imajo nihče po vseh družbe katerem k narodi vero države splošno ter enako glede ni "
     "primeru dejanja določene svojih svobode sta svobodo razvoj jaz ti on ona mi vi oni dober dan jutro večer hvala prosim hiša "
     "človek ženska otrok voda hrana delo šola velik majhen nov star iti priti videti vedeti misliti delati imeti kaj kje kdaj kako "
     "zakaj danes včeraj jutri zelo ampak čas leto življenje svet mesto bil bila od moram lepa država tukaj veliko jezik sonce morje "
     "prijatelj knjiga vsak vedno še že samo sem "},
    {"hr",
     "i pravo u na da ćlanak svatko ima ili se prava su ne za bilo biti je slobodu smije budući mora kao nitko svoju sloboda zaštitu "
     "ćovjeka koji naroda drćave radi bez od protiv koja imaju svoje slobode ućivati s narodima tako sva koje osnovi zakona kazneno "
     "djelo a pravima obitelji kojem bi vjeru osnovna osobe društva meću pod prema ja ti on ona mi vi oni dobar dan jutro večer "
     "hvala molim kuća čovjek žena dijete voda hrana posao škola velik mali nov star ići doći vidjeti znati misliti raditi imati što "
     "gdje kada kako zašto danas jučer sutra vrlo također ali vrijeme godina život svijet grad bio bila nije sa moram volim lijep "
     "lijepa zemlja ovdje mnogo jezik sunce more prijatelj knjiga svaki uvijek još samo "},
    {"hu",
     "a és az minden van joga cikk hogy vagy valamint mind sem emberi egyenlő jogok arra való lehet szabad kell nem nemzetek senkit "
     "jog alapvető más egyesült mellett jelen szabadon nélkül valamely mint előtt útján szemben bármely amely saját teljes akár "
     "családja olyan jogokat népei azt amelynek oktatás hazai pedig alatt mindenki összes ilyen ez jogai házasság jogot én te ő mi "
     "ti ők jó reggelt napot estét köszönöm kérem ház férfi nő gyerek víz étel munka iskola nagy kicsi új régi öreg menni jönni "
     "látni tudni gondolni csinálni volt lenni hol mikor hogyan miért ma tegnap holnap nagyon is de idő év élet világ város itt ott "
     "sok szép ország nyelv nyelvet mennem beszélnek szeretek nap tenger barát könyv mindig még már csak igen egy "},
    {"fi",
     "ja on ei se että ovat oli kun mutta tai myös niin kuin jos voi olla hän minä sinä me te he tämä tämän sen sitä jotka joka mitä "
     "kanssa vain hyvin nyt sekä ole olen mukaan jo ennen koska hänen heidän meidän kaikki vielä siitä tässä siellä joita jonka "
     "oikeus artikla vastaan kaikkien saa kansojen nauttia ketään suojaan yk n vapaasti lain oltava kielillä edistää niiden ilman "
     "pidä siihen kaikilla teoista hänelle toisten uskonnon hyvää huomenta päivää iltaa yötä kiitos hyvä talo mies nainen lapsi vesi "
     "ruoka työ koulu suuri pieni uusi vanha mennä tulla nähdä tietää ajatella tehdä missä milloin miten miksi tänään eilen huomenna "
     "aika vuosi elämä maailma kaupunki olet täytyy aurinko taivas meri ystävä ystävän kirja aina täällä kaunis paljon rakastan "
     "pitää kuuluu hei terve kissa nukkuu haluaisin kupin kahvia koira "},
    {"et",
     "ja on või õigus artikkel igal inimesel ei oma ning et mis peab õiguste tema pidades silmas nende kaasa kui kus rahvaste olema "
     "eest seaduse ühinenud kõik ka tohi ükskõik kaitsele vabalt iga riigi kedagi kaudu see võtta vabadust haridus vabaduse üldise "
     "inimeste kaitseks inimene vahel usku aitama mida õigused nii sellele pidada kellegi ta ees ilma võrdsele temale korral mina ma "
     "sina sa meie me teie te nemad tere hommikust päevast aitäh palun maja mees naine laps vesi toit töö kool suur väike uus vana "
     "minema tulema nägema teadma mõtlema tegema millal kuidas miks täna eile homme väga aga aeg aasta elu maailm linn oli siin seal "
     "palju ilus maa keel pean lähen olen oled meil teil päike meri sõber raamat alati magab kass tahaksin koer "},
    {"lv",
     "un ir tiesības pants uz vai ikvienam ar viņa kas tiesību nedrīkst kā brīvību cilvēka ka brīvības pret arī no nāciju par tā bez "
     "katram jābūt brīvi likuma šo valsts nevienu visiem cilvēku kurā lai izmantot savu sociālo šīs savā šajā viņam tikt laulībā "
     "darba viņu pie tādas cilvēks to viņiem sociālās personu vienādu jebkuru pamata reliģiju citiem es tu viņš mēs jūs viņi labrīt "
     "labdien vakars paldies lūdzu māja vīrietis sieviete bērns ūdens ēdiens darbs skola liels mazs jauns vecs iet nākt redzēt zināt "
     "domāt darīt būt kur kad kāpēc šodien vakar rīt ļoti bet laiks gads dzīve pasaule pilsēta bija nav šeit daudz skaista zeme "
     "valoda man tev saule jūra draugs grāmata "},
    {"lt",
     "ir turi į teisę žmogus ar būti kad jo savo tiek negali žmogaus tai kaip laisvę teisių yra jis su būtų visi niekas nuo laisvės "
     "dėl to nacijų teisės jos be nors įstatymo apsaugą kai laisvai bei bus jog teises teisėmis šalies arba jam darbo visiems žmonės "
     "reikia tikėjimą laisvių visiškai visos šios jų gali naudotis jokių teisė teisėms kuris aš tu ji mes jūs jie labas rytas diena "
     "vakaras ačiū prašau namas vyras moteris vaikas vanduo maistas darbas mokykla didelis mažas naujas senas eiti ateiti matyti "
     "žinoti galvoti daryti turėti kas kur kada kodėl šiandien vakar rytoj labai taip pat bet laikas metai gyvenimas pasaulis "
     "miestas buvo ne čia daug gražus šalis kalba saulė jūra draugas knyga "},
    {"sv",
     "och i att det som en på är av för med den till inte om har de ett vi jag du han hon man kan så men eller från var vid ska "
     "också när mycket här nu rätt envar artikel må alla lika denna skall fri varje mot ingen skydd samt enär frihet genom sin äro "
     "hans allmän utan under förenta land andra icke sig sitt språk deras hänsyn lagens fria religion någon dess fritt fn s vidare "
     "ni god dag morgon kväll tack hus kvinna barn vatten mat arbete skola stor liten ny gammal gå komma se veta tänka göra ha vara "
     "vad hur varför idag igår imorgon tid år liv värld stad vill mig dig min din sol hav vän vänner bok alltid något många måste "
     "älskar dansa mår talas hade över eftersom bara finns blev blir kunde skulle därför där sedan mellan hela stora hos hej bra "
     "tycker kommer går ser gör säger "},
    {"da",
     "og til har at i af ret eller artikel enhver de for på er en der skal med som den alle denne lige det da må ingen mod under "
     "friheder ved et ikke krav nogen hans frihed være andre uden forhold sprog fremme sig gennem frit fns fulde forenede sociale "
     "formål frie om hensyn familie loven arbejde helst sin alene jeg du han hun vi god dag morgen aften tak hus mand kvinde barn "
     "vand mad skole stor lille ny gammel gå komme se vide tænke gøre have hvad hvor hvornår hvordan hvorfor går meget også men tid "
     "år liv verden by var kan vil mig dig min din sol hav ven bog hver efter noget nogle mange blev fra havde bare kunne skulle "
     "derfor her nu siden mellem hele store hos hej godt synes kommer ser gør siger elsker venner mine "},
    {"no",
     "og til har i å som eller rett av for artikkel enhver de er på skal den med en alle denne det mot da friheter ingen at krav må "
     "ikke hans land uten frihet noen fritt forente blir et under gjennom ved andre språk han sitt være om fns få like loven sin "
     "samme religion annen sosial handling ta lik jeg du hun vi dere god dag morgen kveld takk hus mann kvinne barn vann mat arbeid "
     "skole stor liten ny gammel gå komme se vite tenke gjøre ha hva hvor når hvordan hvorfor går meget også men tid år liv verden "
     "by var kan vil meg deg min din sol hav venn bok hver etter noe mange ble fra snakkes mye veldig ut opp bare vennene mine hadde "
     "kunne skulle derfor her der nå siden mellom hele store hos hei bra synes kommer ser gjør sier "},
    {"tr",
     "ve bir bu için de da ile olarak daha çok olan gibi ama ben sen o biz siz onlar değil var yok ne mi kadar sonra en her şey ise "
     "ya ki olduğu olur veya madde vardır hakkı haizdir hakkını herkes bütün karşı hiç şahsın i eşit kimse sosyal ana öğretim "
     "herhangi herkesin tam hak ilan insan şekilde milli din şahıs hiçbir türlü işbu tabi aykırı keyfi açık hakkına etmek kamu nsan "
     "hakları olmasına içinde haysiyet erkek etmiş haklar göre genel yoluyla ırk diğer istifade günaydın merhaba iyi günler akşamlar "
     "geceler teşekkür ederim lütfen ev adam kadın çocuk su yemek iş okul büyük küçük yeni eski gitmek gelmek görmek bilmek düşünmek "
     "yapmak olmak nerede zaman nasıl neden bugün dün yarın yıl hayat dünya şehir şu güneş deniz arkadaş kitap güzel ülke burada dil "
     "seviyorum gerekiyor birçok gün "},
    {"vi",
     "và của là có không được cho một những các trong với người để này đó khi đã từ tôi bạn chúng ta nó họ như nhưng cũng rất về ra "
     "vào đến tại thì sẽ phải nhiều hơn hay hoặc nếu vì làm nào gì đang trên bằng theo sự việc năm mà quyền mọi tự đều do điều quốc "
     "nhân gia hội bảo công cách bản bị hợp cả mình xã giáo bất pháp đối nước thực hiện ngôn bình cơ hành luật con tôn vi cứ hình "
     "tuyên anh chị em xin chào buổi sáng tối cảm ơn nhà đàn ông phụ nữ trẻ thức ăn trường lớn nhỏ mới cũ đi thấy biết nghĩ đâu thế "
     "sao hôm nay qua mai thời gian cuộc sống giới thành phố mặt trời biển sách mỗi luôn đẹp yêu thích "},
    {"id",
     "dan yang di untuk dengan dari ini itu tidak ke dalam adalah pada akan juga saya anda kami kita mereka dia oleh atau bisa dapat "
     "ada karena seperti lebih sudah telah tetapi sebagai para bagi namun sangat hanya hak orang berhak setiap pasal atas bangsa "
     "sama hukum negara manusia semua pun umum harus serta dasar lain maupun baik terhadap secara seorang boleh asasi bahwa suatu "
     "sosial agama mana undang bebas menjamin sendiri adil mendapat sesuatu termasuk anak martabat anggota satu nasional aku kamu "
     "selamat pagi siang malam terima kasih tolong rumah pria wanita air makanan kerja sekolah besar kecil baru lama tua pergi "
     "datang lihat tahu pikir buat punya apa dimana kapan bagaimana mengapa hari kemarin besok waktu tahun hidup dunia kota kabar "
     "teman matahari laut buku selalu suka kucing tidur mau ingin sedang kopi secangkir "},
    {"tl",
     "ng sa at ang mga na may bawat ay artikulo tao'y o mang walang kanyang tao ito pantay lahat kalayaan ano bansa isang nang di "
     "bansang batas pahayag iba pang sapagkat laban para estado sarili lipunan sino kasama ganap malaya dapat panahong pag lamang "
     "upang bilang kanilang pagkatao lalong buhay maging karapat taong hindi pamilya alin malayang ito'y batay gawang ako ikaw siya "
     "kami tayo kayo sila magandang umaga hapon gabi salamat po bahay lalaki babae bata tubig pagkain trabaho paaralan malaki maliit "
     "bago luma pumunta dumating makita alam isip gawa mayroon saan kailan paano bakit ngayon kahapon bukas napaka rin din pero "
     "panahon taon mundo lungsod iyon kailangan kong araw dagat kaibigan aklat lagi maganda wika dito marami "},
    {"sw",
     "na ya wa ni kwa la katika za kuwa cha hii hiyo huu hilo hizi au kama lakini pia sana si ambayo ambao watu wake yake yao wetu "
     "mimi wewe yeye sisi wao hapa huko kila bila baada kabla kutoka hadi ili kwamba nini je ndiyo hapana moja wengi vya vyote wote "
     "mtu jambo haki kifungu ana uhuru yote nchi mataifa hali sheria binadamu kazi taarifa yo umoja asili sawa kati maisha anayo "
     "lazima mambo kulindwa elimu juu jamii taifa dini ye kanuni wakati kupata baraza heshima bora ubaguzi nyingine jamaa mmoja "
     "nyinyi habari asubuhi jioni usiku asante tafadhali nyumba mwanamume mwanamke mtoto watoto maji chakula shule kubwa dogo mpya "
     "zee kwenda kuja kuona kujua kufikiri kufanya wapi lini vipi leo jana kesho mwaka dunia mji yangu yako yetu rafiki marafiki jua "
     "bahari kitabu siku nzuri lugha nyingi napenda nataka ninahitaji sokoni msaada hujambo karibu mungu upendo moyo "},
    {"so",
     "u iyo ah oo xaq qof ama ka inuu wuxuu leeyahay ku qod uu kale kastaa si la in karo ay ee loo helo xuquuqda inay kasta mid lagu "
     "wax ugu soo waa iyadoo qofka xagga aan dadka yahay qaramada midoobay baaqan kala isagoo marka qayb aadanaha xornimo waxay "
     "tahay lagama sare bulshada ha waxaa diinta ciqaab qofna looma siman aniga adiga isaga iyada annaga idinka iyaga subax "
     "wanaagsan habeen mahadsanid fadlan guri nin naag ilmo biyo cunto shaqo dugsi weyn yar cusub hore tag imow arag ogow fikir "
     "samee leh maxay halkee goorma sidee sababta maanta shalay berri aad sidoo laakiin waqti sanad nolol adduun magaalo inaan suuqa "
     "dal badan luqad "},
    {"ca",
     "el la els les de que i en un una és per amb no del al com més però aquest aquesta són està molt també sense quan jo tu meu hi "
     "ha ser pel seva seu fins perquè a dret o article té persona tota drets dels serà nacions humans tots contra ningú tothom se "
     "cap unides família social llei tenen igual als dignitat han actes es vida religió país si iguals humana d'un entre ell ella "
     "nosaltres vosaltres ells bon dia tarda nit gràcies us plau casa home dona nen aigua menjar treball escola gran petit nou vell "
     "anar venir veure saber pensar fer tenir estar què on avui ahir demà temps any món ciutat després sempre cel sol mar amic "
     "llibre cada vaig hem "},
    {"af",
     "die en van reg het te in artikel of tot elkeen om sal nie n word vir is op deur hierdie enige wat aan regte sy vryheid gelyke "
     "as niemand ten met vryhede wees kan alle mense wet teen volke persoon elke deel ander dit sosiale hulle verseker land volle "
     "familie tydens maak menslike geloof dat hul respek algemene neem ek jy hy ons julle baie goed dag môre aand dankie asseblief "
     "huis man vrou kind water kos werk skool groot klein nuwe oud gaan kom sien weet dink moet wil was waar wanneer hoekom hoe lank "
     "tyd jaar vandag gister ook maar want lief mooi lewe wêreld stad pad "},
    {"cy",
     "y i a gan yn hawl mae bawb erthygl eu ac hawliau neu o unrhyw mewn ni yr a'r neb ddylid dynol sy'n fod dylai ar addysg rhyddid "
     "wedi hwn i'r â gyfraith teulu a'u hyn rhydd un na'u i'w holl lle pob rhag hyrwyddo unedig sicrhau hunain heb na gael llawn "
     "gynnwys eraill ryddid urddas yw at unigolyn ei fi ti ef hi chi nhw bore da nos diolch tŷ dyn menyw plentyn dŵr bwyd gwaith "
     "ysgol mawr bach newydd hen mynd dod gweld gwybod meddwl gwneud bod beth ble pryd sut pam heddiw ddoe yfory iawn hefyd ond "
     "amser blwyddyn bywyd byd dinas rwy roedd gyda eich ein haul môr llyfr dydd "},
    {"sq",
     "të dhe e në i ka për neni që ose drejtë me si duhet nga drejtën nuk një është së njeriut drejtave çdo mbasi drejtat kanë këtë "
     "asnjeri kombeve pa gjithë t'i kundër lirë qoftë tij gjitha mund lirinë jetë lirive edhe vet plotë tjera marrë tyre lirisë "
     "cilat do besimit midis shoqëror janë drejta shteti arsimi më mbi anë unë ti ai ajo ne ju ata mirëmëngjes mirëdita mirëmbrëma "
     "faleminderit lutem shtëpi burrë grua fëmijë ujë ushqim punë shkollë madh vogël ri vjetër shkoj vij shoh di mendoj bëj kam jam "
     "çfarë ku kur pse sot dje nesër shumë gjithashtu por kohë vit botë qytet ishte bukur vend këtu gjuhë diell det mik libër "},
    {"ru",
     "и в не на я что он с как это а по но они мы вы из у за к то так же от был была было быть для только её его их мне меня бы ты "
     "она если или уже когда о очень может все всё есть при также до этот эта эти который которые где чтобы можно ещё право человек "
     "каждый имеет статья прав во свободу должно человека никто принимая внимание свобод свою либо защиту права наций общества "
     "должен ни является котором люди личности должны путем без имеют время брак своих семьи мира закона того доброе утро день вечер "
     "ночь спасибо пожалуйста дом мужчина женщина ребенок дети вода еда работа школа большой маленький новый старый идти прийти "
     "видеть знать думать делать иметь почему сегодня вчера завтра тоже год жизнь мир город надо нужно люблю красивый страна здесь "
     "много язык солнце море друг друзья книга всегда еще привет всем тебе кот спит хотел собака ли "},
    {"uk",
     "і в не на я що він з як це а по але вони ми ви із у за до то так же від був була було бути для тільки її його їх мені мене б "
     "ти вона якщо або вже коли про дуже може всі все є при також та цей ця ці який які де щоб можна ще й право людина має кожна "
     "стаття прав повинна свободу будь свобод ніхто беручи уваги людини права сприяти захист освіта якому націй свою держави якої "
     "разі визнання люди того особи повинні шляхом під законом мають злочину час доброго ранку день вечір ніч дякую ласка дім "
     "чоловік жінка дитина діти вода їжа робота школа великий малий новий старий йти прийти бачити знати думати робити мати чому "
     "сьогодні вчора завтра теж рік життя світ місто треба потрібно люблю гарний країна тут багато мова сонце море друг друзі книга "
     "кожен завжди привіт "},
    {"bg",
     "и в не на аз че той с как това а по но те ние вие от у за към то така да е са се си го я ги му им ли още вече когато много "
     "може всички или при този тази тези който които където до със във беше бъде като право човек всеки член има трябва права "
     "правата човека предвид свобода чрез никой което взе свободи както закона срещу своята без неговата равни бъдат нации други "
     "закрила защита неговото народите личност имат каквато ти тя добро утро ден вечер благодаря моля къща мъж жена дете вода храна "
     "работа училище голям малък нов стар отида дойда видя знам мисля правя имам съм сме сте какво къде кога защо днес вчера утре "
     "също време година живот свят град обичам красива страна тук езици слънце море приятел приятели книга винаги само здравей "
     "здравейте ще бих искал чаша кафе котка куче защото няма през между ако след преди хубаво хубав времето отиваме отивам бил била "
     "било ми ѝ най града парка хората деца нещо тогава сега "},
    {"mk",
     "и во не на јас дека тој со како ова а по но тие ние вие од за кон да е се си го ја ги му им многу може сите или при овој оваа "
     "овие кој кои каде право секој член има ќе права што биде неговата без заштита бидејќи слободи нема никој бидат нации слобода "
     "преку луѓе личност живот пред дело неговото закон меѓу народите цел друг религија кривично држава земја случај слободно "
     "човекот услови ти таа добро утро ден вечер благодарам молам куќа човек маж жена дете вода храна работа училиште голем мал нов "
     "стар одам дојдам видам знам мислам правам имам сум сме сте кога зошто денес вчера утре исто време година свет град треба сакам "
     "убава тука јазици сонце море пријател книга секогаш уште само пазар беше би сакал "},
    {"ar",
     "في من على أن إلى التي هذا هذه الذي عن مع كان كانت لا ما هو هي لم قد كل بعد قبل بين أو ثم إذا عند حتى ذلك تلك هناك أنا أنت نحن "
     "هم كما لكن أيضا يمكن يكون ليس وفي ومن غير المادة الحق لكل شخص أي فرد الإنسان الحقوق حرية الإعلان والحريات حق دون يجوز له "
     "العامة ولما حقوق القانون حماية الأمم المتحدة الأساسية المجتمع إنسان التمتع تمييز فيه الفرد بهذا التعليم قدم الزواج جميع أساس "
     "إليه آخر متساوية وأن أية صباح الخير مساء شكرا فضلك بيت رجل امرأة طفل ماء طعام عمل مدرسة كبير صغير جديد قديم ذهب جاء رأى عرف "
     "فكر فعل ماذا أين متى كيف لماذا اليوم أمس غدا جدا وقت سنة حياة عالم مدينة إن كثيرا أحب شمس بحر صديق كتاب دائما جميل جميلة بلد "
     "هنا لغة يجب مرحبا "},
    {"fa",
     "و در به از که این را با است برای آن یک خود تا می شود شد کرد بود هم یا نیز بر هر ما من شما او آنها اما اگر باید نمی های ها کند "
     "کنید دارد بسیار ای چه همه هیچ پس حق ماده کس حقوق باشد اجتماعی بشر قانون حمایت ملل بیست اعلامیه تأمین عمومی دارند آنجا آزادی "
     "گردد بهره‌مند کشور احدی آزادانه آموزش عقیده شده مورد قرار اساسی زندگی تمام بوسیله بدون مقابل کار کلیه اجرای متحد کنند کامل "
     "تو "
     "صبح بخیر روز شب متشکرم ممنون لطفا خانه مرد زن بچه کودک آب غذا مدرسه بزرگ کوچک جدید قدیمی رفتن آمدن دیدن دانستن فکر کردن داشتن "
     "بودن کجا کی چگونه چرا امروز دیروز فردا خیلی زمان سال جهان شهر هست دوست دارم دریا خورشید کتاب همیشه زیبا اینجا زبان سلام خوب "
     "حال چطور نیست "},
    {"ur",
     "اور کے میں کی سے ہے کا کو نے پر یہ ہیں کہ اس وہ ایک بھی نہیں تو ہو کر تھا تھی جو لیے ہم آپ میرا تھے گیا کیا ساتھ بہت اپنے ان "
     "یا کوئی ہر سب جب اگر مگر لیکن گے ے حق شخص دفعہ جای حقوق کسی ی کرنے حاصل لی و آزادی جس گی انسانی ملک ایسے قانون گا تمام کوی نہ "
     "اپنی آزادیوں تعلیم متحدہ اسے چونکہ مساوی ہوی خلاف ہوں معاشرتی زندگی معاشرے تم صبح بخیر دن شام رات شکریہ براہ کرم گھر آدمی عورت "
     "بچہ پانی کھانا کام اسکول بڑا چھوٹا نیا پرانا جانا آنا دیکھنا جاننا سوچنا کرنا ہونا کہاں کب کیسے کیوں آج کل وقت سال دنیا شہر "
     "گئی رہا رہی مجھے تمہیں میری سورج سمندر دوست کتاب ہمیشہ اچھا اچھی خوبصورت یہاں زبان محبت سلام پسند "},
    {"hi",
     "है के में की और का से को हैं यह पर नहीं एक ने कि भी था थी थे जो लिए हम आप मैं वह इस उस तो ही हो कर किया जा सकता बहुत अपने या "
     "साथ कुछ ये वे जब तक अगर लेकिन मेरे मेरा क्या रहा रहे होता अधिकार प्रत्येक व्यक्ति अनुच्छेद किसी अधिकारों न सभी तथा द्वारा समान "
     "करने प्राप्त शिक्षा जाएगा मानव घोषणा देश होगा रूप चूंकि प्रति समाज कोई देशों ऐसे ऐसी हक़ सार्वभौम गया सदस्य अन्य संयुक्त "
     "परिवार धर्म बुनियादी सामाजिक समय तुम सुबह दिन शाम रात धन्यवाद कृपया घर आदमी औरत बच्चा पानी खाना काम स्कूल बड़ा छोटा नया पुराना "
     "जाना आना देखना जानना सोचना करना होना कहाँ कब कैसे क्यों आज कल साल जीवन दुनिया शहर गई रही हूँ मुझे तुम्हें मेरी आपका सूरज "
     "समुद्र दोस्त किताब हर हमेशा अच्छा अच्छी सुंदर यहाँ भाषा प्यार सबको नमस्ते उगता करता करती पसंद "},
    {"mr",
     "आहे आणि आहेत च्या हे ही हा या मध्ये नाही एक तो ती ते मी तुम्ही आम्ही आपण आपल्या साठी पण किंवा होते होता होती असे असतो काही "
     "सर्व की तर जर खूप म्हणून केले करा आपले त्या त्यांच्या माझ्या झाले येथे व अधिकार कलम नये कामा समान पाहिजे मानवी ज्या करता अथवा "
     "अशा संरक्षण सामाजिक प्रत्येक हक्क करण्याचा अर्थी शिक्षण संबंधात भेदभाव यांच्या संयुक्त मूलभूत करून त्यांना बाबतीत असण्याचा न "
     "दंडनीय न्याय्य जागतिक मान्यता करणे धर्म इतर कोणताहि असेल असो त्यास देण्यात वेळी जीवन तसेच रीतीने ह्या त्यांचे देणे तू सकाळ "
     "दिवस संध्याकाळ रात्र धन्यवाद कृपया घर माणूस बाई मूल पाणी जेवण काम शाळा शाळेत मोठा मोठी लहान नवीन जुना जाणे येणे पाहणे विचार "
     "असणे काय कुठे केव्हा कसे का आज काल उद्या सुद्धा वेळ वर्ष जग शहर चा ची चे ला ना ने झाला झाली गेला गेली माझा माझी माझे तुमचा "
     "तुमची तुझा सूर्य समुद्र मित्र पुस्तक नेहमी चांगला चांगली चांगले सुंदर देश इथे भाषा प्रेम सर्वांना नमस्कार करतो करते मला तुला "
     "आम्हाला जावो आवडते आवडला उगवतो "},
    {"ne",
     "छ र को मा छन् यो हो पनि लागि भएको गर्न एक हुन्छ तर यस त्यो म हामी तपाईं उनी मेरो हाम्रो गर्ने गरेको थियो सबै वा तथा साथ अनि के "
     "धेरै हुने गर्छ भने यी अधिकार प्रत्येक धारा कुनै समान हुनेछ सामाजिक हुनेछ। गरिने छैन। छैन मानव राष्ट्र छ। उसको प्रति त्यस्तो "
     "शिक्षा भएकोले काम विरुद्ध संयुक्त व्यक्ति भेदभाव पाउने बिना सकिने प्रात्प धर्म मौलिक समाजको हुन विचार मनमानी निजको उपभोग पूर्ण "
     "संरक्षण सम्मान मान्यता नै आवश्यक आधारमा ती हरू जाति कसैलाई गरिएको तिमी ऊ उनीहरू बिहान दिन साँझ रात धन्यवाद कृपया घर मान्छे "
     "आइमाई बच्चा पानी खाना विद्यालय ठूलो सानो नयाँ पुरानो जानु आउनु हेर्नु जान्नु सोच्नु गर्नु हुनु कहाँ कहिले कसरी किन आज हिजो "
     "भोलि समय वर्ष जीवन संसार शहर छु हुन् थिए का की लाई बाट ले भयो गयो गर्छु गर्छन् तिम्रो तपाईंको सूर्य समुद्र साथी साथीहरू किताब "
     "हरेक सधैं राम्रो सुन्दर देश यहाँ भाषा भाषाहरू माया सबैलाई नमस्कार मलाई गर्नुहोस् होस् हुनुहुन्छ सँग पर्छ उदाउँछ "},
};
const size_t kNumLanguageWords = sizeof(kLanguageWords) / sizeof(kLanguageWords[0]);

}  // namespace hone::instruction
