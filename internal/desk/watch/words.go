package watch

import (
	"regexp"
	"strings"
)

// The words by which lines are known, as text.Fold leaves them: small letters, no accents or vowel signs. They are the
// words of web pages in general, in French, Arabic, English and Spanish; the name of no outlet is among them.

// phrases makes one expression of several.
func phrases(of ...string) string { return "(?:" + strings.Join(of, "|") + ")" }

// whole makes expressions that must fit a line from its first to its last letter.
func whole(of ...string) *regexp.Regexp {
	return regexp.MustCompile(`^[^\pL\pN]*` + phrases(of...) + `[^\pL\pN]*$`)
}

var networks = phrases("facebook", "twitter", "x", "whatsapp", "instagram", "linkedin", "telegram", "youtube", "tiktok", "messenger",
	"pinterest", "snapchat", "threads", "google news", "e-?mail", "courriel", "rss", "print", "imprimer", "copier le lien", "copy link",
	"فيسبوك", "تويتر", "واتساب", "انستغرام", "تلغرام", "تيليغرام", "يوتيوب", "لينكدان", "طباعه", "طباعة", "نسخ الرابط")

// controls are lines that ask the reader to do something with the page. They fit wherever they stand.
var controls = whole(
	`cliquez (?:ici|sur (?:le lien|ce lien|l image|la photo))\b.*`,
	`click here\b.*`, `(?:haga )?clic(?:k)? aqui\b.*`,
	`(?:ا[نض]قر|ا[نض]غط|اضغط|للمزيد اضغط|انقروا|اضغطوا) (?:هنا|علي الرابط|على الرابط)(?:[^\pL].*)?`,
	`(?:merci|thank you|thanks|gracias|شكرا(?: لكم| لك)?) (?:d avoir|de nous avoir|pour votre|de votre|for|por|علي|على|لل?)(?: ?)(?:signal|vote|inscription|visite|abonnement|partage|commente|reporting|voting|subscribing|sharing|visiting|denunciar|الابلاغ|التبليغ|ابلاغ|تبليغ|التصويت|تصويت|الاشتراك|زيارت|المشاركه|المشاركة).*`,
	`(?:partage[rz]?|share|compartir|شارك(?:وا|ها|ه)?|مشاركه|مشاركة)(?:[ :-]*(?:cet|l|this|on|sur|via|with|el|la|ce|the|هذا|هذه|علي|على|عبر|في|مع|المقال|الخبر|المقاله|article|articulo|contenu|story|page|post|et|and|و|,|`+networks+`)[ ,|/-]*)*`,
	`(?:`+networks+`[ ,|/·•-]*){2,}`,
	`(?:abonnez[ -]vous|inscrivez[ -]vous|subscribe|sign up|suscribete|اشترك(?:وا)?|سجل(?:وا)?)(?:\b.*(?:newsletter|infolettre|lettre d information|notifications?|chaine|alertes|canal|journal|numerique|edition|النشره|النشرة|القناه|القناة|قناتنا|الاشعارات|البريديه|البريدية).*)?`,
	`(?:suivez[ -]nous|rejoignez[ -]nous|retrouvez[ -]nous|follow us|join us|siguenos|تابعونا|تابعنا|انضم الينا|انضموا الينا|تابعوا اخر|تابعوا آخر)(?:\b|[^\pL]).*`,
	`telechargez (?:notre|l) app.*`, `download (?:our|the) app.*`, `حمل(?:وا)? (?:تطبيق|التطبيق).*`,
	`(?:lire|voir|afficher) (?:la suite|plus|moins|les commentaires|tous les commentaires)`, `read (?:more|the full (?:article|story))`, `show more`, `load more`, `en savoir plus`,
	`(?:اقرا|قراءه|قراءة|شاهد|عرض) (?:المزيد|المقال كاملا|التعليقات)`, `المزيد`,
	`(?:ajouter|laisser|ecrire|poster|soyez le premier a (?:poster|laisser)) un commentaire.*`, `(?:leave a (?:comment|reply)|add (?:a )?comment|post a comment).*`,
	`(?:اضف|اترك|اكتب) (?:تعليقا?|تعليقك|ردا).*`, `(?:\d+ )?(?:commentaires?|comments?|تعليقات|تعليق|التعليقات)(?: ?\(?\d+\)?)?`,
	`votre adresse e-?mail ne sera pas publiee.*`, `your e-?mail address will not be published.*`, `لن يتم نشر عنوان بريدك.*`,
	`(?:connectez[ -]vous|se connecter|log in|login|sign in|تسجيل الدخول)(?: (?:pour|to|ل|ou).*)?`,
	`(?:publicite|annonce|advertisement|sponsored|publicidad|اعلان|اعلانات)`,
	`imprimer(?: cet article)?`, `envoyer (?:par e-?mail|a un ami)`, `signaler(?: (?:un (?:abus|contenu)|cette image|ce commentaire|une erreur))?`, `التبليغ عن (?:صوره|صورة|خطا|هذا).*`,
	`(?:retour|haut de page|retour en haut|back to top|menu|rechercher|recherche|search|accueil|home|الرئيسيه|الرئيسية|بحث|القائمه|القائمة)`,
	`(?:©|\(c\)|copyright|tous droits reserves|all rights reserved|جميع الحقوق محفوظه|جميع الحقوق محفوظة|حقوق النشر).*`, `.*(?:tous droits reserves|all rights reserved|جميع الحقوق محفوظ[هة]).*`,
	`(?:nous utilisons|ce site utilise|en poursuivant votre navigation|we use|this (?:site|website) uses|يستخدم (?:هذا )?الموقع|نستخدم)\b.*(?:cookies|ملفات تعريف الارتباط|الكوكيز).*`,
	`(?:accepter|refuser|tout accepter|tout refuser|accept|reject)(?: (?:all|tout|et fermer|cookies|les cookies))*`,
	`(?:precedent|suivant|article (?:precedent|suivant)|previous|next|previous (?:article|post)|next (?:article|post)|السابق|التالي|المقال السابق|المقال التالي)`,
)

// notices are sentences of the page about itself that an article might also say; they fit only outside of it.
var notices = whole(
	`(?:cette|ce|cet|votre|this|your) (?:image|photo|video|commentaire|contenu|message|comment|picture|content)\b.*\b(?:sera|seront|will be)\b.*`,
	`(?:سيتم|سوف يتم|سيجري) (?:حجب|حذف|اخفاء|ازاله|ازالة|مراجعه|مراجعة|نشر) .*`,
	`(?:vous avez|you have|لديك|لقد) .*(?:signal|report|تبليغ|ابلاغ|بلغت).*`,
)

// more opens a list of other articles.
var more = regexp.MustCompile(`^[^\pL\pN]*` + phrases(
	`(?:a )?lire (?:aussi|egalement)`, `(?:a )?voir (?:aussi|egalement)`, `a lire`, `articles? (?:similaires?|lies?|associes?|connexes?|recomm?andes?)`,
	`sur le meme (?:sujet|theme)`, `dans la meme rubrique`, `(?:les )?plus (?:lus|vus|comment[e]s|populaires)`, `vous aimerez aussi`, `derniers? articles?`, `dernieres (?:nouvelles|infos|actualites)`,
	`related (?:articles?|stories|posts|news)`, `(?:read|see) also`, `also read`, `most (?:read|viewed|popular)`, `you may also like`, `latest news`,
	`اقرا ايضا`, `اقراي ايضا`, `اقروا ايضا`, `انظر ايضا`, `شاهد ايضا`, `(?:مواضيع|مقالات|اخبار) (?:ذات صله|ذات صلة|مشابهه|مشابهة|متعلقه|متعلقة)`, `(?:الاكثر|الاكتر) (?:قراءه|قراءة|مشاهده|مشاهدة)`, `قد يعجبك ايضا`, `اخر الاخبار`,
	`lea tambien`, `noticias relacionadas`,
) + `(?P<rest>(?:[ :|>»–-].*)?)$`)

// papers are names that have a word by which papers are called, of their kind or of the hour at which they come out.
var papers = regexp.MustCompile(`(?:^|[^\pL\pN])` + phrases(
	`journal`, `gazette`, `quotidien`, `hebdo`, `hebdomadaire`, `magazine`, `mensuel`, `revue`, `presse`, `courrier`, `tribune`, `bulletin`, `depeche`, `agence`, `matin`, `soir`,
	`newspaper`, `press`, `daily`, `weekly`, `monthly`, `news`, `times`, `herald`, `courier`, `chronicle`, `review`, `agency`, `diario`, `periodico`, `semanario`, `radio`, `television`, `tv`,
	`(?:ال)?جريد[هة]`, `(?:ال)?صحيف[هة]`, `(?:ال)?مجل[هة]`, `(?:ال)?وكال[هة]`, `(?:ال)?بريد`, `(?:ال)?اخبار`, `(?:ال)?صباح`, `(?:ال)?مساء`, `(?:ال)?اذاع[هة]`, `(?:ال)?قنا[هة]`,
) + `(?:[^\pL\pN]|$)`)

// article opens a name.
var article = regexp.MustCompile(`^(?:les?|la|l|the|el|los|las) \pL`)

// sections are what pages print where an outlet might stand: Publié dans Société.
var sections = whole(
	`actualites?|a la une|une|societe|politique|economie|monde|international|national|maroc|afrique|culture|sports?|regions?|sante|education|tech|high-?tech|technologies?|numerique|medias?|opinions?|tribunes?|chroniques?|idees|faits divers|justice|environnement|divers|non classe|blog|revue de presse|edition (?:du )?(?:matin|midi|soir|jour|week-?end)`,
	`news|society|politics|business|world|africa|health|science|opinion|uncategorized`,
	`اخبار|مجتمع|سياسه|سياسة|اقتصاد|العالم|دوليه|دولية|وطنيه|وطنية|ثقافه|ثقافة|رياضه|رياضة|جهات|صحه|صحة|تعليم|تكنولوجيا|راي|اراء|كتاب واراء|حوادث|قضايا|منوعات|عام`,
)
