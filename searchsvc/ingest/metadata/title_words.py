"""Words that speak for or against a line as title, in several languages."""

COMMON = frozenset({
    "the", "of", "and", "in", "for", "a", "to", "copyright", "all", "rights", "reserved", "by", "c", "inc", "llc",
    "ltd", "with", "privacy", "terms",
})  # fmt: skip
CLUTTER = frozenset({
    "skip", "menu", "search", "log", "login", "sign", "subscribe", "newsletter", "home", "share", "related",
    "comments", "comment", "follow", "cookie", "cookies", "privacy", "copyright", "contents", "table", "read",
    "about", "advertisement", "sponsored", "close", "toggle", "navigation", "main", "contact", "more", "loading",
    "skipto", "accept", "we", "trending", "popular", "latest", "shop", "cart", "account", "register", "download",
    "get", "join", "try", "free", "browse", "view", "all", "back", "next", "previous", "print", "email", "tags",
    "categories", "category", "filed", "posted", "discussion", "notify", "leave", "reply", "click", "page",
    "breadcrumb", "you", "your", "logo", "image", "photo", "credit", "picture",
    # German, French, Spanish, Italian, Portuguese, Dutch
    "menü", "suche", "anmelden", "abmelden", "startseite", "teilen", "kommentare", "merken", "drucken", "anzeige",
    "abo", "abonnieren", "jetzt", "mehr", "weitere", "zum", "zur", "impressum", "datenschutz", "ihre",
    "accueil", "recherche", "connexion", "partager", "commentaires", "abonnez", "inscription", "lire", "voir",
    "suivre",
    "inicio", "buscar", "compartir", "comentarios", "suscríbete", "regístrate", "leer", "más", "síguenos", "iniciar",
    "cerca", "accedi", "registrati", "condividi", "commenti", "abbonati", "leggi", "segui", "sezioni",
    "início",
    "pesquisar", "entrar", "compartilhar", "partilhar", "assine", "leia", "zoeken", "inloggen", "delen", "lees",
    # Swedish, Danish, Norwegian, Polish, Russian, Turkish
    "sök", "logga", "dela", "meny", "søg", "del", "søk", "logg", "szukaj", "zaloguj", "udostępnij", "czytaj", "поиск",
    "войти", "подписаться", "поделиться", "главная", "комментарии", "ara", "giriş", "paylaş", "abone", "anasayfa",
})  # fmt: skip
LOGOS = frozenset({"logo", "homepage", "icon", "menu", "home", "website"})
GENERIC = frozenset({
    "introduction", "overview", "summary", "background", "conclusion", "faq", "faqs", "highlights", "abstract",
    "details", "description", "blog", "news", "article", "articles", "resources", "key", "takeaways", "contents",
})  # fmt: skip
CREDITS = frozenset({
    "photo", "photos", "photographer", "photograph", "image", "images", "picture", "pictured", "courtesy", "credit",
    "file", "illustration", "screenshot", "getty", "gettyimages", "shutterstock", "istock", "alamy", "unsplash",
    "pexels", "reuters", "afp", "ap", "dpa", "apa", "epa", "efe", "ansa", "imago", "keystone", "ritzau", "ntb",
    "scanpix", "tt", "xinhua", "foto", "fotos", "bild", "bilder", "symbolbild", "archivbild", "archiv", "imagen",
    "immagine", "imagem", "beeld", "zdjęcie", "fot", "фото", "kuva", "bilde", "billede", "fotograf", "crédit",
    "crédits", "fotoğraf",
})  # fmt: skip
