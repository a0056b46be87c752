//! The program's own key at an EMR: signs its requests for tokens; its public half is published as a JWK set.
//!
//! Shapes: RFC 7515 (JWS compact), RFC 7517 (JWK), RFC 7638 (thumbprint), SMART backend services (RS384, ES384; `exp` at
//! most five minutes ahead; Epic takes a `jti` of at most 151 characters). The signing itself is aws-lc's; what is done
//! here is only base64url around it, which is why no JWT crate is brought in for it.

use super::base64url;
use crate::error::{EmrError, Trouble};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA384, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Algorithm of the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SigningAlgorithm {
    /// RSA of 3072 bits, PKCS#1 1.5, SHA-384.
    #[serde(rename = "RS384")]
    Rs384,
    /// ECDSA on P-384, SHA-384.
    #[serde(rename = "ES384")]
    Es384,
}

/// A key pair; the private half is PKCS#8 in base64 and in no Debug.
#[derive(Debug, Clone)]
pub struct SigningKey {
    algorithm: SigningAlgorithm,
    private: SecretString,
}

const LIFE: i64 = 240;

impl SigningKey {
    /// Draws a new key.
    ///
    /// # Errors
    /// `emr_internal` without randomness.
    pub fn generate(algorithm: SigningAlgorithm) -> Result<Self, EmrError> {
        let fail = |_| EmrError::from(Trouble::Internal);
        let der = match algorithm {
            SigningAlgorithm::Rs384 => RsaKeyPair::generate(KeySize::Rsa3072)
                .and_then(|key| key.as_der())
                .map_err(fail)?
                .as_ref()
                .to_vec(),
            SigningAlgorithm::Es384 => EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING)
                .and_then(|key| key.to_pkcs8v1())
                .map_err(fail)?
                .as_ref()
                .to_vec(),
        };
        Ok(Self { algorithm, private: STANDARD.encode(der).into() })
    }

    /// A key as it was kept.
    ///
    /// # Errors
    /// `emr_not_set_up` when it is damaged.
    pub fn kept(algorithm: SigningAlgorithm, private: SecretString) -> Result<Self, EmrError> {
        let key = Self { algorithm, private };
        key.public()?;
        Ok(key)
    }

    /// Its algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// The private half, to be kept sealed.
    #[must_use]
    pub const fn private(&self) -> &SecretString {
        &self.private
    }

    fn der(&self) -> Result<Vec<u8>, EmrError> {
        STANDARD.decode(self.private.expose_secret()).map_err(|_| Trouble::NotSetUp.into())
    }

    /// The public half as the members that a thumbprint is made of.
    fn public(&self) -> Result<Value, EmrError> {
        let bad = || EmrError::from(Trouble::NotSetUp);
        let der = self.der()?;
        match self.algorithm {
            SigningAlgorithm::Rs384 => {
                let key = RsaKeyPair::from_pkcs8(&der).map_err(|_| bad())?;
                let (n, e) = rsa_members(key.public_key().as_ref()).ok_or_else(bad)?;
                Ok(json!({"e": base64url(e), "kty": "RSA", "n": base64url(n)}))
            }
            SigningAlgorithm::Es384 => {
                let key =
                    EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &der).map_err(|_| bad())?;
                // An uncompressed point: 4, x, y.
                let point = key.public_key().as_ref().get(1..).ok_or_else(bad)?;
                let (x, y) = point.split_at_checked(48).ok_or_else(bad)?;
                Ok(json!({"crv": "P-384", "kty": "EC", "x": base64url(x), "y": base64url(y)}))
            }
        }
    }

    /// Its id: the thumbprint of its public half.
    ///
    /// # Errors
    /// `emr_not_set_up` when it is damaged.
    pub fn id(&self) -> Result<String, EmrError> {
        // serde_json writes an object's members in the order of their names, as RFC 7638 asks.
        Ok(base64url(&Sha256::digest(self.public()?.to_string())))
    }

    /// The JWK set to host or to hand to the administrator.
    ///
    /// # Errors
    /// `emr_not_set_up` when the key is damaged.
    pub fn jwks(&self) -> Result<Value, EmrError> {
        let mut key = self.public()?;
        let id = self.id()?;
        if let Some(members) = key.as_object_mut() {
            members.insert("kid".to_owned(), id.into());
            members.insert("use".to_owned(), "sig".into());
            members.insert("alg".to_owned(), json!(self.algorithm));
            members.insert("key_ops".to_owned(), json!(["verify"]));
        }
        Ok(json!({"keys": [key]}))
    }

    /// A signed assertion that this client asks for a token.
    pub(crate) fn assertion(
        &self,
        client: &str,
        audience: &str,
        jti: &str,
        now: Timestamp,
    ) -> Result<SecretString, EmrError> {
        let header = json!({"alg": self.algorithm, "typ": "JWT", "kid": self.id()?});
        let claims = json!({"iss": client, "sub": client, "aud": audience, "jti": jti,
            "iat": now.as_second(), "exp": now.as_second() + LIFE});
        let signed = format!(
            "{}.{}",
            base64url(header.to_string().as_bytes()),
            base64url(claims.to_string().as_bytes())
        );
        let signature = self.sign(signed.as_bytes())?;
        Ok(format!("{signed}.{}", base64url(&signature)).into())
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, EmrError> {
        let fail = || EmrError::from(Trouble::Internal);
        let der = self.der()?;
        let random = SystemRandom::new();
        match self.algorithm {
            SigningAlgorithm::Rs384 => {
                let key = RsaKeyPair::from_pkcs8(&der).map_err(|_| fail())?;
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA384, &random, message, &mut signature).map_err(|_| fail())?;
                Ok(signature)
            }
            SigningAlgorithm::Es384 => {
                let key =
                    EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &der).map_err(|_| fail())?;
                Ok(key.sign(&random, message).map_err(|_| fail())?.as_ref().to_vec())
            }
        }
    }
}

/// Modulus and exponent of an `RSAPublicKey` in DER (RFC 8017 A.1.1): a sequence of two integers.
fn rsa_members(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = element(der, 0x30)?;
    let (n, rest) = element(sequence, 0x02)?;
    let (e, _) = element(rest, 0x02)?;
    let positive = |integer: &'_ [u8]| integer.iter().position(|b| *b != 0);
    Some((n.get(positive(n)?..)?, e.get(positive(e)?..)?))
}

/// The content of a DER element of a tag, and what is behind it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    if *first != tag {
        return None;
    }
    if *length < 0x80 {
        return rest.split_at_checked(usize::from(*length));
    }
    let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
    let length = bytes.iter().try_fold(0_usize, |n, b| n.checked_mul(256)?.checked_add(usize::from(*b)))?;
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::{SigningAlgorithm, SigningKey};
    use aws_lc_rs::signature::{
        ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA384, RsaPublicKeyComponents, UnparsedPublicKey,
    };
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use secrecy::ExposeSecret;

    fn bytes(value: &serde_json::Value) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap()
    }

    #[test]
    fn what_is_published_verifies_what_is_signed() {
        for algorithm in [SigningAlgorithm::Rs384, SigningAlgorithm::Es384] {
            let key = SigningKey::generate(algorithm).unwrap();
            let kept = SigningKey::kept(algorithm, key.private().clone()).unwrap();
            let jwk = &key.jwks().unwrap()["keys"][0];
            assert_eq!(jwk["kid"], kept.id().unwrap());
            assert!(jwk.get("d").is_none() && !format!("{key:?}").contains(key.private().expose_secret()));
            let now = "2026-11-22T09:30:00Z".parse().unwrap();
            let jwt = kept.assertion("client", "https://example.org/token", "jti-1", now).unwrap();
            let parts: Vec<&str> = jwt.expose_secret().split('.').collect();
            let [header, claims, signature] = parts.as_slice() else { panic!("three parts") };
            let read = |part: &str| -> serde_json::Value {
                serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
            };
            assert_eq!(read(header)["kid"], jwk["kid"]);
            let claims_read = read(claims);
            assert_eq!(claims_read["iss"], claims_read["sub"]);
            assert!(claims_read["exp"].as_i64().unwrap() - claims_read["iat"].as_i64().unwrap() <= 300);
            let message = format!("{header}.{claims}");
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            match algorithm {
                SigningAlgorithm::Rs384 => {
                    assert_eq!(bytes(&jwk["n"]).len(), 384);
                    RsaPublicKeyComponents { n: bytes(&jwk["n"]), e: bytes(&jwk["e"]) }
                        .verify(&RSA_PKCS1_2048_8192_SHA384, message.as_bytes(), &signature)
                        .unwrap();
                }
                SigningAlgorithm::Es384 => {
                    let point = [vec![4], bytes(&jwk["x"]), bytes(&jwk["y"])].concat();
                    let public = UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point);
                    public.verify(message.as_bytes(), &signature).unwrap();
                    assert!(public.verify(b"another", &signature).is_err());
                }
            }
        }
        assert!(SigningKey::kept(SigningAlgorithm::Es384, "AAAA".to_owned().into()).is_err());
    }
}
