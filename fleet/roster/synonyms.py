"""Synonyms: what columns are called in other products and languages, as text without separators.

A name of several words is one word here: "MAC-Adresse der Karte" is macadressederkarte. So case,
spaces, dashes and CamelCase change nothing, and neither do accents.
"""

import re
import unicodedata

_NOT_DECOMPOSED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_SEPARATORS = re.compile(r"[\W_]+")
MOST_LETTERS = 60  # of the name of a column; what is longer is a sentence


def compact(text: str) -> str:
    """The letters and digits of a column's name, such as geratename for "Geräte-Name"."""
    if len(text) > 2 * MOST_LETTERS:
        return ""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(each for each in parts if not unicodedata.combining(each))
    return _SEPARATORS.sub("", bare.translate(_NOT_DECOMPOSED))


def _words(text: str) -> tuple[str, ...]:
    return tuple(compact(name) for name in text.replace("\n", ",").split(",") if name.strip())


# Who names a device, the best first. Those after the first two are also what other things have.
NAMES = (
    _words("""
        device name, device hostname, devicehost, thing name, node name, name of device, hostname,
        host name, computer name, computername, machine name, system name, sysname, edge name,
        gateway name, network name, dns name, fqdn, netbios name, name of the device,
        Gerätename, Geraetename, Gerätebezeichnung, Rechnername, Computername, Hostname,
        Knotenname,
        nom de l'appareil, nom d'appareil, nom du périphérique, nom de l'équipement,
        nom d'hôte, nom de la machine, nom du poste,
        nombre del dispositivo, nombre de dispositivo, nombre de host, nombre del equipo,
        nombre de equipo, nombre del host,
        nome del dispositivo, nome dispositivo, nome host, nome computer, nome macchina,
        nome do dispositivo, nome de dispositivo, nome do equipamento, nome do host,
        nome da máquina,
        apparaatnaam, toestelnaam, computernaam, hostnaam, naam van het apparaat, apparaat naam,
        nazwa urządzenia, nazwa hosta, nazwa komputera,
        název zařízení, jméno zařízení, název počítače, název hostitele,
        enhetsnamn, datornamn, värdnamn, enhetens namn,
        设备名称, 设备名, 主机名, 主机名称, 计算机名, 設備名稱, 主機名稱,
        デバイス名, 機器名, ホスト名, 端末名, 装置名
    """),
    _words("""
        name, nom, nombre, nome, naam, nazwa, název, jméno, namn, 名称, 名前, 名字, 名稱,
        Bezeichner,
        Gerät, Geraet, appareil, équipement, périphérique, dispositivo, equipo, equipamento,
        apparaat, toestel, urządzenie, zařízení, enhet, 设备, 設備, デバイス, 機器, 装置
    """),
    _words("""
        host, machine, computer, node, thing, endpoint, edge, system name or id, asset name,
        asset,
        hosts, devices, ci name, object name, Rechner, Maschine, machine de production,
        ordinateur,
        máquina, macchina, komputer, počítač, dator, 主机, ホスト, 端末
    """),
    _words("""
        device id, deviceid, thing id, node id, registration id, registrationid, edge id,
        client id, endpoint id, asset tag, asset id, asset number, inventory number, id,
        Geräte-ID, Geräte-Nr, Gerätenummer, Inventarnummer, identifiant, id de l'appareil,
        numéro d'inventaire, id del dispositivo, id dispositivo, id do dispositivo, apparaat-id,
        id urządzenia, id zařízení, enhets-id, 设备id, 设备编号, 资产编号, デバイスid, 資産番号
    """),
)
SURE_NAMES = 1  # so many of these groups name devices without anything else that says so

_SYNONYMS = {
    "host_id": _words("""
        host identifier, edge host id, docker host id, machine host id,
        printed host id,
        Host-Kennung, Hostkennung, Host-Nummer, Rechnerkennung, id hôte, id d'hôte, id de l'hôte,
        identifiant hôte, identifiant d'hôte, identifiant de l'hôte, id de host, id del host,
        identificador de host, identificador del host, id host, identificativo host,
        id do host, identificador do host, host-identificatie, id hosta, identyfikator hosta,
        id hostitele, identifikátor hostitele, värd-id, värdidentifierare, host-id nummer,
        主机id, 主机标识, 主機id, ホストid, ホスト識別子
    """),
    "mac": _words("""
        wi-fi mac, wi-fi mac address, ethernet mac address,
        physical address, hardware address, hw address, hwaddr, hw addr, ethernet address,
        burned in address, ethaddr, ether address, l2 address, mac adr,
        MAC-Adresse, MAC-Adressen, MAC-Adr, Hardwareadresse, physische Adresse,
        physikalische Adresse,
        adresse MAC, adresses MAC, adresse physique, adresse matérielle,
        dirección MAC, direcciones MAC, dirección física, indirizzo MAC, indirizzi MAC,
        indirizzo fisico, endereço MAC, endereços MAC, endereço físico,
        MAC-adres, MAC-adressen, fysiek adres, adres MAC, adresy MAC, adres fizyczny,
        MAC adresa, MAC adresy, adresa MAC, fyzická adresa, MAC-adress, MAC-adresser,
        fysisk adress,
        MAC地址, 物理地址, 硬件地址, MAC位址, MACアドレス, 物理アドレス
    """),
    "zero_touch": _words("""
        zero touch, zero touch profile, zt profile, zt config, zero touch config, ztp profile
    """),
    "connection": _words("muster connection"),
    "site": _words("""
        location, site code, site id, plant, facility, branch, factory, campus, store, premises,
        Standort, Werk, Niederlassung, Betriebsstätte, emplacement, lieu, usine, nom du site,
        sitio, ubicación, emplazamiento, planta, sede, sito, stabilimento, ubicazione, posizione,
        local, localização, unidade, fábrica, locatie, vestiging, standplaats, fabriek,
        lokalizacja, miejsce, zakład, obiekt, lokalita, umístění, závod, pobočka,
        plats, anläggning, webbplats,
        站点, 地点, 位置, 工厂, 場所, 設置場所, 拠点, サイト, 工場, 站點
    """),
    "label": _words("""
        display name, displayname, friendly name, alias, nickname, device label, long name,
        Anzeigename, Etikett, Beschriftung, libellé, étiquette, nom affiché, etiqueta,
        nombre para mostrar, etichetta, nome visualizzato, rótulo, nome de exibição,
        weergavenaam, etykieta, nazwa wyświetlana, popisek, zobrazované jméno, etikett,
        visningsnamn, 显示名称, 标签, 表示名, ラベル
    """),
    "serial": _words("""
        serial number, serial no, serial nr, serial num, serial, serials, serialnumber, sn, s/n,
        device serial number, device serial, chassis serial number, sernum,
        Seriennummer, Serien-Nr, Serien Nr., Fabriknummer, numéro de série, n° de série,
        no de série,
        número de serie, n.º de serie, nº de serie, numero di serie, numero seriale, matricola,
        número de série, nº de série, serienummer, serienr, numer seryjny, nr seryjny,
        sériové číslo, výrobní číslo, serienummer, 序列号, 序號, 序列號, シリアル番号,
        シリアルナンバー, 製造番号
    """),
    "notes": _words("""
        note, notes, comment, comments, remark, remarks, description, memo, annotation,
        Notiz, Notizen, Bemerkung, Bemerkungen, Kommentar, Kommentare, Anmerkung, Beschreibung,
        Hinweis,
        remarque, remarques, commentaire, commentaires, observation, nota, notas, comentario,
        comentarios, observaciones, observación, descripción, commento, commenti, osservazioni,
        descrizione, comentário, comentários, observações, observação, descrição,
        opmerking, opmerkingen, omschrijving, beschrijving, notitie, notities, uwagi, uwaga,
        komentarz,
        opis, notatki, poznámka, poznámky, komentář, popis, anteckning, anteckningar, anmärkning,
        kommentar, beskrivning, 备注, 注释, 说明, 備註, 描述, 備考, メモ, コメント, 説明
    """),
}
# Names of a column that say where a device is, be that a site or a hall of one.
PLACES = frozenset(
    _words("""
        location, emplacement, lieu, ubicación, emplazamiento, ubicazione, posizione, local,
        localização, locatie, lokalizacja, miejsce, lokalita, umístění, plats,
        地点, 位置, 場所, 設置場所
    """)
)
FIELD_OF = {name: field for field, names in _SYNONYMS.items() for name in names}
RANK_OF = {name: rank for rank, names in reversed([*enumerate(NAMES)]) for name in names}

_NOT_USED = {
    "it says the model, which a roster does not need": _words("""
        model, model name, model number, device model, device type, type, product, product name,
        product id, pid, part number, part no, sku, hardware, hardware model, platform,
        Modell, Typ, Gerätetyp, Artikelnummer, modèle, type d'appareil, modelo, tipo, modello,
        tipo di dispositivo, tipo de dispositivo, typ, typ urządzenia, typ zařízení, enhetstyp,
        型号, 设备型号, 類型, 型號, 型番, 機種, モデル
    """),
    "it says the maker, which a roster does not need": _words("""
        manufacturer, vendor, make, brand, mac vendor, oem, Hersteller, fabricant, fabricante,
        produttore, fabrikant, producent, výrobce, tillverkare, 制造商, 厂商, 製造商, メーカー
    """),
    "it says an IP address, which a roster does not need": _words("""
        ip, ip address, ipv4, ipv6, ip addr, management ip, mgmt ip, primary ip, lan ip, wan ip,
        IP-Adresse, adresse IP, dirección IP, indirizzo IP, endereço IP, IP-adres, adres IP,
        IP adresa, IP-adress, IP地址, IPアドレス, IP位址
    """),
    "it says a state, which a roster does not need": _words("""
        status, state, online, connection status, enabled, lifecycle, Zustand, état, statut,
        estado,
        stato, stan, stav, tillstånd, 状态, 狀態, 状態, ステータス
    """),
    "an option of enrollments, which Muster does not pass on": _words("""
        license, licence, license sku, license skus, licence sku, license key, template, templates,
        template name, template names, lease, lease ttl, lease days, Lizenz, Vorlage, licencia,
        plantilla, modèle de configuration, licenza, licença
    """),
    "it says a version, which a roster does not need": _words("""
        firmware, firmware version, software version, os, os version, version, operating system,
        Betriebssystem, système d'exploitation, sistema operativo, besturingssystem, 固件版本,
        バージョン
    """),
}
USELESS = {name: what for what, names in _NOT_USED.items() for name in names}
# A column of MACs whose name has one of these words is about another machine.
_ANOTHER = re.compile(
    r"gateways?|gw|switch(?:es)?|routers?|ap|aps|bss?id|access_?points?|uplinks?|upstream|"
    r"next_?hops?|hop|vendor|oui|neighbou?rs?|lldp|cdp|peers?|parents?|controller|wlc|remote|root|"
    r"connected|bridge|clients?|source|src|dest|destination|dst|target|server|firewall|modem|"
    r"partner|nachbar|voisin|passerelle|commutateur|routeur|conmutador|puerta|vecino|"
    r"vicino|przelacznik|brana|prepinac|soused|granne|vaxel|网关|交换机|路由器|ゲートウェイ|スイッチ|ルーター"
)
ADAPTER = re.compile(
    r"(?:eth|en|em|eno|ens|enp|wlan|wlp|wl|lan|wan|wifi|nic|bond|net|port|interface|ethernet|wireless|"
    r"wired|bluetooth|bt|primary|secondary)(?:_?\d+)?"
)


def another_machine(name: str) -> str:
    """The word in a column's normal name by which it is about another machine, or ""."""
    words = re.split(r"[\W_]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).casefold())
    return next((word for word in words if _ANOTHER.fullmatch(word)), "")
